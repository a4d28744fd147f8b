//! Tables of written forms, and of what no browser opens.

use super::*;

fn value(raw: &str) -> String {
    match read(raw) {
        Ok(address) => address.value(),
        Err(reason) => reason.code().to_owned(),
    }
}

#[test]
fn written_forms_of_one_address_are_one_value() {
    let forms = [
        "https://vietcombank.top-vn.xyz/login",
        "http://vietcombank.top-vn.xyz/login",
        "HTTP://VietcomBank.Top-VN.xyz/login",
        "vietcombank.top-vn.xyz/login",
        "www.vietcombank.top-vn.xyz/login",
        "https://www.vietcombank.top-vn.xyz:443/login",
        "http://vietcombank.top-vn.xyz:80/login",
        "https://vietcombank.top-vn.xyz./login",
        "https://vietcombank.com.vn@vietcombank.top-vn.xyz/login",
        "https://user:pass@vietcombank.top-vn.xyz/login",
        "https://vietcombank.top-vn.xyz/login#otp",
        "https://vietcombank.top-vn.xyz/login?utm_source=zalo&fbclid=IwAR1",
        "https://vietcombank.top-vn.xyz/login?",
        "hxxps://vietcombank[.]top-vn.xyz/login",
        "hxxps[:]//vietcombank(.)top-vn[.]xyz/login",
        "hxxps://vietcombank dot top-vn dot xyz/login",
        "vietcombank chấm top-vn chấm xyz/login",
        "ｈｔｔｐｓ：／／ｖｉｅｔｃｏｍｂａｎｋ．ｔｏｐ－ｖｎ．ｘｙｚ／login",
        "https://viet\u{200B}combank.top-vn.xyz/login",
        "https://vietcombank。top-vn。xyz/login",
        "https://𝐯𝐢𝐞𝐭𝐜𝐨𝐦𝐛𝐚𝐧𝐤.top-vn.xyz/login",
        "https:\\\\vietcombank.top-vn.xyz\\login",
        "https://vietcombank.top-vn.xyz/a/../login",
        "  <https://vietcombank.top-vn.xyz/login>  ",
    ];
    for form in forms {
        assert_eq!(value(form), "vietcombank.top-vn.xyz/login", "{form}");
    }
}

#[test]
fn hosts_paths_and_queries() {
    let cases = [
        ("https://example.com", "example.com/"),
        ("example.com?x=1", "example.com/?x=1"),
        (
            "https://example.com/A/b?Z=1&a=2&utm_id=3",
            "example.com/A/b?Z=1&a=2",
        ),
        ("https://example.com:8443/", "example.com:8443/"),
        ("sn99.cc:100", "sn99.cc:100/"),
        ("http://www.www.example.com/", "example.com/"),
        ("www.vn", "www.vn/"),
        ("www.com.vn", "www.com.vn/"),
        ("https://cốccốc.vn/", "xn--cccc-0x5ac.vn/"),
        ("https://CỐCCỐC.VN/", "xn--cccc-0x5ac.vn/"),
        (
            "https://co\u{302}\u{301}cco\u{302}\u{301}c.vn/",
            "xn--cccc-0x5ac.vn/",
        ),
        ("http://0x7f.1/", "127.0.0.1/"),
        ("http://3232235777/", "192.168.1.1/"),
        ("http://0300.0250.1.1/x", "192.168.1.1/x"),
        ("0xC0A80101/x", "192.168.1.1/x"),
        ("192.168.1.1:8080/login", "192.168.1.1:8080/login"),
        ("http://[::1]/", "[::1]/"),
        ("http://[2001:DB8:0:0::1]:80/", "[2001:db8::1]/"),
        ("http://localhost:8080/x", "localhost:8080/x"),
        ("https://a.vn/Dịch-Vụ", "a.vn/D%E1%BB%8Bch-V%E1%BB%A5"),
        ("https://a.vn/%7Ex?q=%e1%bb%8b", "a.vn/~x?q=%e1%bb%8b"),
        ("https://a.vn/%6Cog%69n", "a.vn/login"),
        ("https://a.vn/%e1%bb%8b%2f%zz%", "a.vn/%E1%BB%8B%2F%zz%"),
        ("https://a.vn/a b", "a.vn/a%20b"),
        ("https://a_b.weebly.com/", "a_b.weebly.com/"),
        ("https://-x-.example.com/", "-x-.example.com/"),
    ];
    for (raw, expected) in cases {
        assert_eq!(value(raw), expected, "{raw}");
    }
}

#[test]
fn what_no_browser_opens_says_why() {
    let cases = [
        ("", "empty"),
        ("https://", "not_a_web_address"),
        ("chưa rõ", "not_a_web_address"),
        ("N/A", "not_a_web_address"),
        ("0912345678", "not_a_web_address"),
        ("1.500.000", "not_a_web_address"),
        ("24.11.2026", "not_a_web_address"),
        ("http://intranet/", "not_a_web_address"),
        ("http://xn--vitcombank-w2b.vn", "idn_malformed"),
        ("xn--a.vn", "idn_malformed"),
        ("http://a..vn/", "host_malformed"),
        ("http://a.vn:99999/", "host_malformed"),
        ("http://1.2.3.4.5/", "host_malformed"),
        ("0.0.. :", "host_malformed"),
        ("http://a.0x1f../", "host_malformed"),
        ("http://[::1", "host_malformed"),
        ("http://a%00b.vn/", "host_malformed"),
        ("ftp://a.vn/", "scheme_unsupported"),
        ("javascript:alert(1)", "scheme_unsupported"),
    ];
    for (raw, code) in cases {
        assert_eq!(value(raw), code, "{raw}");
    }
    assert_eq!(value(&format!("a.vn/{}", "x".repeat(9000))), "too_long");
    assert_eq!(value(&format!("{}.vn", "x".repeat(64))), "host_malformed");
}

#[test]
fn private_suffixes_part_owners() {
    let cases = [
        ("login.vietcombank.com.vn", Some("vietcombank.com.vn")),
        (
            "bidv-transfermoney.weebly.com",
            Some("bidv-transfermoney.weebly.com"),
        ),
        ("x.y.weebly.com", Some("y.weebly.com")),
        ("xweebly.com", Some("xweebly.com")),
        ("a.b.web.app", Some("b.web.app")),
        ("weebly.com", Some("weebly.com")),
        ("sites.google.com", Some("sites.google.com")),
        ("mail.google.com", Some("google.com")),
        ("com.vn", None),
    ];
    for (host, expected) in cases {
        assert_eq!(registrable_domain(host, false), expected, "{host}");
    }
    assert_eq!(registrable_domain("192.168.1.1", true), None);
}

#[test]
fn lookups_widen_but_never_to_another_owner() {
    let cases: [(&str, &[&str]); 6] = [
        (
            "a.b.vidu.com.vn/x",
            &["a.b.vidu.com.vn/x", "a.b.vidu.com.vn/", "vidu.com.vn/"],
        ),
        ("vidu.com.vn/", &["vidu.com.vn/"]),
        (
            "vidu.weebly.com/x",
            &["vidu.weebly.com/x", "vidu.weebly.com/"],
        ),
        ("vidu.top:8080/x", &["vidu.top:8080/x", "vidu.top/"]),
        (
            "sites.google.com/view/vidu",
            &["sites.google.com/view/vidu"],
        ),
        ("192.168.1.1/x", &["192.168.1.1/x", "192.168.1.1/"]),
    ];
    for (value, expected) in cases {
        let order = lookup_order(value);
        let values: Vec<&str> = order.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, expected, "{value}");
    }
}

#[test]
fn display_keeps_www_and_vietnamese_letters_but_not_imitations() {
    let cases = [
        ("https://www.Example.com/", "www.example.com"),
        ("xn--cccc-0x5ac.vn/a", "cốccốc.vn/a"),
        ("https://vіetcombank.com/", "xn--vetcombank-x2i.com"),
        ("example.com/?a=1", "example.com/?a=1"),
    ];
    for (raw, expected) in cases {
        let address = read(raw).unwrap();
        assert_eq!(address.display(), expected, "{raw}");
        assert_eq!(value(&address.display()), address.value(), "{raw}");
    }
}
