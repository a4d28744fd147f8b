//! Plain SVG charts: bars for things, columns for times. Text says all that the picture says, for
//! those who cannot see it (`role="img"`, a title, a description, a label at each value).

use std::fmt::Write;

/// One value with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is the value of.
    pub label: String,
    /// The value.
    pub value: i64,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What the values count, with the period.
    pub axis: &'a str,
    /// The values in their order.
    pub points: &'a [Point],
    /// Whether they follow one another in time.
    pub over_time: bool,
}

const WIDTH: usize = 880;
const TOP: usize = 64;
const ROW: usize = 26;
const HEIGHT: usize = 300;
const INK: &str = "#1f2933";
const BAR: &str = "#1d5fa8";

/// The chart as an SVG document.
pub fn svg(chart: &Chart<'_>) -> String {
    let height = if chart.over_time {
        TOP + HEIGHT + 60
    } else {
        TOP + ROW * chart.points.len().max(1) + 24
    };
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"{INK}\">\
         <title id=\"title\">{title}</title><desc id=\"desc\">{desc}</desc>\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\
         <text x=\"16\" y=\"26\" font-size=\"17\" font-weight=\"bold\">{title}</text>\
         <text x=\"16\" y=\"48\">{axis}</text>",
        title = text(chart.title),
        desc = text(&description(chart)),
        axis = text(chart.axis),
    );
    if chart.over_time {
        columns(&mut out, chart.points);
    } else {
        bars(&mut out, chart.points);
    }
    out.push_str("</svg>\n");
    out
}

fn description(chart: &Chart<'_>) -> String {
    let values: Vec<_> = chart
        .points
        .iter()
        .map(|point| format!("{}: {}", point.label, point.value))
        .collect();
    format!("{}. {}", chart.axis, values.join("; "))
}

/// The largest value, at least 1.
fn largest(points: &[Point]) -> i64 {
    points
        .iter()
        .map(|point| point.value)
        .max()
        .unwrap_or(1)
        .max(1)
}

/// How long a value is drawn, of `room` units.
fn length(value: i64, largest: i64, room: usize) -> i64 {
    let room = i128::try_from(room).unwrap_or(0);
    let length = i128::from(value.max(0)) * room / i128::from(largest.max(1));
    i64::try_from(length).unwrap_or(0)
}

fn bars(out: &mut String, points: &[Point]) {
    const LABELS: usize = 330;
    let most = largest(points);
    for (at, point) in points.iter().enumerate() {
        let y = TOP + at * ROW;
        let long = length(point.value, most, WIDTH - LABELS - 130);
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABELS}\" y=\"{}\" width=\"{long}\" height=\"18\" fill=\"{BAR}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            LABELS - 8,
            y + 15,
            text(&cut(&point.label, 46)),
            y + 1,
            i64::try_from(LABELS).unwrap_or(0) + long + 6,
            y + 15,
            point.value,
        );
    }
}

fn columns(out: &mut String, points: &[Point]) {
    const LEFT: usize = 100;
    let most = largest(points);
    let room = WIDTH - LEFT - 24;
    let bottom = TOP + HEIGHT;
    let count = points.len().max(1);
    for (share, value) in [(0, 0), (1, most / 2), (2, most)] {
        let y = bottom - share * HEIGHT / 2;
        let _ = write!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#cbd2d9\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value}</text>",
            LEFT + room,
            LEFT - 8,
            y + 4,
        );
    }
    // So many labels as have room beside each other.
    let every = count.div_ceil(9);
    for (at, point) in points.iter().enumerate() {
        let x = LEFT + at * room / count;
        let wide = (room / count).saturating_sub(1).clamp(1, 60);
        let long = length(point.value, most, HEIGHT);
        let y = i64::try_from(bottom).unwrap_or(0) - long;
        let label = text(&point.label);
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{long}\" fill=\"{BAR}\"><title>{label}: {}</title></rect>",
            point.value,
        );
        if at % every == 0 {
            let _ = write!(
                out,
                "<text x=\"{x}\" y=\"{}\" font-size=\"12\">{label}</text>",
                bottom + 20
            );
        }
    }
}

fn cut(label: &str, most: usize) -> String {
    if label.chars().count() <= most {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Text for XML.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(label: &str, value: i64) -> Point {
        Point {
            label: label.to_owned(),
            value,
        }
    }

    #[test]
    fn a_chart_says_in_words_what_it_draws() {
        let points = [
            point("Giả danh công an", 40),
            point("A & <B>", 10),
            point("không", 0),
        ];
        let chart = Chart {
            title: "Tin theo thủ đoạn",
            axis: "Số tin",
            points: &points,
            over_time: false,
        };
        let out = svg(&chart);
        assert!(out.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""));
        assert!(out.contains("<title id=\"title\">Tin theo thủ đoạn</title>"));
        assert!(out.contains("Giả danh công an: 40; A &amp; &lt;B&gt;: 10; không: 0</desc>"));
        // The bar of the largest fills the room, a quarter of it a quarter, nothing nothing.
        for width in ["width=\"420\"", "width=\"105\"", "width=\"0\""] {
            assert!(out.contains(width), "{width}: {out}");
        }
    }

    #[test]
    fn a_series_is_drawn_from_left_to_right() {
        let points: Vec<_> = (1..=30)
            .map(|day| point(&format!("2026-11-{day:02}"), day))
            .collect();
        let chart = Chart {
            title: "t",
            axis: "a",
            points: &points,
            over_time: true,
        };
        let out = svg(&chart);
        assert_eq!(out.matches("<rect x=").count(), 30);
        assert!(
            out.contains("height=\"300\" fill=\"#1d5fa8\"><title>2026-11-30: 30</title>"),
            "{out}"
        );
        assert!(
            svg(&Chart {
                points: &[],
                ..chart
            })
            .ends_with("</svg>\n")
        );
    }

    proptest! {
        #[test]
        fn any_label_and_value_is_drawn_as_text(label in ".{0,80}", value in any::<i64>(), over_time in any::<bool>()) {
            let points = [point(&label, value)];
            let out = svg(&Chart { title: &label, axis: &label, points: &points, over_time });
            prop_assert!(!out.chars().any(|c| c.is_control() && c != '\n'));
            prop_assert_eq!(out.matches('<').count(), out.matches('>').count());
        }
    }
}
