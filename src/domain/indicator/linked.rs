//! Links that stand for something else: a link shim for the page behind it, an explorer's page for the
//! coin address on it, a payment link for the account that it pays.
//!
//! Rules were read off links that people share; nothing is opened.

use super::bank_account::{self, Holder};
use super::catalog::{Catalog, Resolved};
use super::model::Reading;
use super::url::WebAddress;
use super::{crypto_address, ewallet, url};

/// How many shims are taken off; nobody wraps more.
const MAX_SHIMS: usize = 3;

/// The page behind link shims; behind too many, the link as it is.
pub(super) fn unwrapped(address: WebAddress) -> WebAddress {
    let Some(mut page) = behind_shim(&address) else {
        return address;
    };
    for _ in 1..MAX_SHIMS {
        match behind_shim(&page) {
            Some(inner) => page = inner,
            None => return page,
        }
    }
    match behind_shim(&page) {
        Some(_) => address,
        None => page,
    }
}

fn behind_shim(address: &WebAddress) -> Option<WebAddress> {
    let parameters: &[&str] = match (address.host.as_str(), address.path.as_str()) {
        (
            "l.facebook.com" | "lm.facebook.com" | "l.instagram.com" | "l.messenger.com",
            "/" | "/l.php",
        ) => &["u"],
        ("google.com" | "google.com.vn", "/url") => &["q", "url"],
        ("youtube.com", "/redirect") => &["q"],
        ("zalo.me", "/link") => &["url"],
        _ => return None,
    };
    let target = parameters.iter().find_map(|name| address.parameter(name))?;
    // Only a whole link is a page; `?q=words` is a search.
    target
        .contains("://")
        .then(|| url::read(&target).ok())
        .flatten()
}

/// The coin address, wallet or account that a page is about.
pub(super) fn subject(catalog: &Catalog, address: &WebAddress) -> Option<Reading> {
    let mut segments = address.segments();
    if segments.is_empty()
        && let Some(fragment) = &address.fragment
    {
        // "tronscan.org/#/address/T…" keeps its path from its server.
        let path = fragment.split('?').next().unwrap_or(fragment);
        segments = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
    }
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match address.host.as_str() {
        "tronscan.org" | "tronscan.io" | "etherscan.io" | "bscscan.com" | "mempool.space" => {
            match *parts.as_slice() {
                ["address", coin, ..] => crypto_address::parse(coin).ok(),
                _ => None,
            }
        }
        "blockchain.com" => match *parts.as_slice() {
            ["explorer", "addresses", _, coin, ..] | [_, "address", coin, ..] => {
                crypto_address::parse(coin).ok()
            }
            _ => None,
        },
        "blockchair.com" => match *parts.as_slice() {
            [_, "address", coin, ..] => crypto_address::parse(coin).ok(),
            _ => None,
        },
        "nhantien.momo.vn" => match *parts.as_slice() {
            [number, ..] => ewallet::compose(catalog, "momo", number).ok(),
            [] => None,
        },
        "img.vietqr.io" | "api.vietqr.io" => match *parts.as_slice() {
            ["image", picture, ..] => {
                let mut fields = picture.split('-');
                at_bank(catalog, fields.next()?, fields.next()?)
            }
            _ => None,
        },
        "qr.sepay.vn" => at_bank(
            catalog,
            &address.parameter("bank")?,
            &address.parameter("acc")?,
        ),
        _ => None,
    }
}

fn at_bank(catalog: &Catalog, bank: &str, number: &str) -> Option<Reading> {
    let Resolved::One(institution) = catalog.resolve(bank) else {
        return None;
    };
    let number = bank_account::account(number).ok()?;
    bank_account::compose(catalog, &Holder::Known(institution), &number).ok()
}

#[cfg(test)]
mod tests {
    use super::super::account;
    use super::super::catalog::shipped;
    use super::*;

    #[test]
    fn links_stand_for_what_they_lead_to() {
        let cases = [
            (
                "https://l.facebook.com/l.php?u=https%3A%2F%2Fvidu.top%2Fx%3Fa%3D1&h=AT0",
                "vidu.top/x?a=1",
            ),
            (
                "https://www.google.com/url?q=https://zalo.me/0912345678&sa=D",
                "zalo:+84912345678",
            ),
            (
                "https://l.facebook.com/l.php?u=https://www.google.com/url?q=https://vidu.top/",
                "vidu.top/",
            ),
            ("https://www.google.com/url?q=vidu", "google.com/url?q=vidu"),
            (
                "https://zalo.me/link?url=https%3A%2F%2Fvidu.top%2Fx",
                "vidu.top/x",
            ),
            (
                "https://google.com/url?q=https://google.com/url?q=https://google.com/url?q=https://google.com/url?q=https://vidu.top/",
                "google.com/url?q=https://google.com/url?q=https://google.com/url?q=https://google.com/url?q=https://vidu.top/",
            ),
            (
                "https://www.google.com/search?q=https://vidu.top",
                "google.com/search?q=https://vidu.top",
            ),
            (
                "https://tronscan.org/#/address/TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            ),
            (
                "https://etherscan.io/address/0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed#tokentxns",
                "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            ("https://etherscan.io/tx/0x12", "etherscan.io/tx/0x12"),
            ("https://tronscan.org/#/home", "tronscan.org/"),
            ("https://nhantien.momo.vn/0912345678", "momo:+84912345678"),
            (
                "https://nhantien.momo.vn/0912345678/500000",
                "momo:+84912345678",
            ),
            ("https://nhantien.momo.vn/", "nhantien.momo.vn/"),
            (
                "https://img.vietqr.io/image/970422-113366668888-compact2.png?amount=1",
                "970422:113366668888",
            ),
            (
                "https://img.vietqr.io/image/vietcombank-0011002233445-qr_only.jpg",
                "970436:0011002233445",
            ),
            (
                "https://qr.sepay.vn/img?acc=0011002233445&bank=VCB",
                "970436:0011002233445",
            ),
            (
                "https://img.vietqr.io/image/logo.png",
                "img.vietqr.io/image/logo.png",
            ),
            (
                "https://www.facebook.com/groups/vidu.group/user/100012345678901/",
                "facebook:100012345678901",
            ),
            (
                "https://www.facebook.com/groups/vidu.group/posts/1",
                "facebook:group:vidu.group",
            ),
            (
                "https://web.telegram.org/k/#@vidu_shop",
                "telegram:vidu_shop",
            ),
            (
                "https://web.telegram.org/a/#@vidu_shop",
                "telegram:vidu_shop",
            ),
            (
                "https://web.telegram.org/#/im?p=@vidu_shop",
                "telegram:vidu_shop",
            ),
            ("https://web.telegram.org/k/", "web.telegram.org/k/"),
        ];
        for (link, value) in cases {
            let address = url::read(link).unwrap();
            let reading = account::from_address(shipped(), address);
            assert_eq!(reading.indicator.value, value, "{link}");
        }
    }
}
