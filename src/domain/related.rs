//! How strongly two tips belong together: what they share, weighed by how rare it is.

/// What two tips have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bond {
    /// Both name an indicator that so many tips name.
    Indicator {
        /// Tips that name it.
        tips: u32,
    },
    /// Their texts are alike, from 0 to 1.
    Text {
        /// How alike.
        likeness: f64,
    },
}

impl Bond {
    /// The chance that the bond alone means one matter: a number in two tips says much, one in a
    /// thousand says little.
    fn weight(self) -> f64 {
        match self {
            Self::Indicator { tips } => 0.9 / (1.0 + f64::from(tips.max(2) - 1).log10()),
            Self::Text { likeness } => 0.95 * likeness.clamp(0.0, 1.0),
        }
    }
}

/// From 0 to 100: bonds are taken as independent, so each adds to the others and none counts twice.
pub fn score(bonds: &[Bond]) -> u8 {
    let apart: f64 = bonds.iter().map(|bond| 1.0 - bond.weight()).product();
    let hundredths = ((1.0 - apart) * 100.0).round();
    num_traits::ToPrimitive::to_u8(&hundredths)
        .unwrap_or(0)
        .min(100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rare_things_bind_more_than_common_ones() {
        let account = |tips| score(&[Bond::Indicator { tips }]);
        assert_eq!(
            [account(2), account(11), account(1_001), account(100_001)],
            [90, 45, 22, 15]
        );
        let text = Bond::Text { likeness: 0.5 };
        assert_eq!(score(&[text]), 48);
        assert!(score(&[text, Bond::Indicator { tips: 1_001 }]) > score(&[text]));
        assert_eq!(score(&[]), 0);
    }

    proptest! {
        #[test]
        fn one_bond_more_never_binds_less(tips in 0_u32.., likeness in -1.0_f64..2.0, more in 0_u32..) {
            let some = [Bond::Indicator { tips }, Bond::Text { likeness }];
            let all = [some[0], some[1], Bond::Indicator { tips: more }];
            prop_assert!(score(&all) >= score(&some));
            prop_assert!(score(&all) <= 100);
        }
    }
}
