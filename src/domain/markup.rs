//! The little markup of a warning's text, made safe for web pages and feed readers.
//!
//! A blank line parts paragraphs, lines that begin with `- ` are a list. Everything else is shown as
//! it is written: no links and no HTML, so that nothing in a warning can be clicked or run.

/// The text as HTML: only `p`, `br`, `ul` and `li`.
pub fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for block in text.replace("\r\n", "\n").split("\n\n") {
        let lines: Vec<&str> = block
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        for run in lines.chunk_by(|a, b| item(a).is_some() == item(b).is_some()) {
            let listed: Vec<String> = run
                .iter()
                .filter_map(|line| item(line))
                .map(escape)
                .collect();
            if listed.is_empty() {
                let plain: Vec<String> = run.iter().map(|line| escape(line.trim())).collect();
                html.push_str(&format!("<p>{}</p>", plain.join("<br>")));
            } else {
                html.push_str(&format!("<ul><li>{}</li></ul>", listed.join("</li><li>")));
            }
        }
    }
    html
}

fn item(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("- ").map(str::trim)
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Whether XML 1.0 can carry the character, and a text for people has a use for it.
pub fn is_text(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paragraphs_and_lists_are_all_there_is() {
        for (text, html) in [
            ("Một câu.", "<p>Một câu.</p>"),
            (
                "Dòng 1\nDòng 2\n\nĐoạn 2",
                "<p>Dòng 1<br>Dòng 2</p><p>Đoạn 2</p>",
            ),
            (
                "Hãy nhớ:\n- Không chuyển tiền\n- Gọi 113",
                "<p>Hãy nhớ:</p><ul><li>Không chuyển tiền</li><li>Gọi 113</li></ul>",
            ),
            (
                "<script>alert('x')</script> [a](javascript:b) **đậm**",
                "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; [a](javascript:b) **đậm**</p>",
            ),
            ("\r\n\r\n- một\r\n", "<ul><li>một</li></ul>"),
            ("", ""),
        ] {
            assert_eq!(to_html(text), html, "{text:?}");
        }
    }

    #[test]
    fn control_characters_are_no_text() {
        for (c, expected) in [
            ('ế', true),
            ('\n', true),
            ('\0', false),
            ('\u{1b}', false),
            ('\u{ffff}', false),
        ] {
            assert_eq!(is_text(c), expected, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn no_tag_but_ours_comes_out(text in "\\PC*") {
            let mut html = to_html(&text);
            for tag in ["<p>", "</p>", "<br>", "<ul>", "</ul>", "<li>", "</li>"] {
                html = html.replace(tag, "");
            }
            prop_assert!(!html.contains(['<', '>', '"', '\'']), "{html}");
        }
    }
}
