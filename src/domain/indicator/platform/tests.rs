//! Links of every platform, and links that show no account.

use super::super::account;
use super::super::catalog::shipped;
use super::super::url;

fn read(raw: &str) -> String {
    let address = url::read(raw).unwrap();
    account::from_address(shipped(), address).indicator.value
}

#[test]
fn facebook() {
    let cases = [
        ("https://www.facebook.com/Vi.Du.Shop", "facebook:vidushop"),
        ("https://m.facebook.com/vidushop/", "facebook:vidushop"),
        (
            "https://mbasic.facebook.com/vidushop?refid=1",
            "facebook:vidushop",
        ),
        (
            "https://vi-vn.facebook.com/VIDUSHOP/posts/123",
            "facebook:vidushop",
        ),
        ("fb.com/vidu.shop", "facebook:vidushop"),
        ("fb.me/vidushop", "facebook:vidushop"),
        (
            "https://www.facebook.com/vidushop?mibextid=ZbWKwL",
            "facebook:vidushop",
        ),
        (
            "https://www.facebook.com/profile.php?id=100012345678901",
            "facebook:100012345678901",
        ),
        (
            "https://m.facebook.com/profile.php?id=100012345678901&mibextid=x",
            "facebook:100012345678901",
        ),
        (
            "https://www.facebook.com/100012345678901",
            "facebook:100012345678901",
        ),
        (
            "https://www.facebook.com/people/Vi-Du/100012345678901/",
            "facebook:100012345678901",
        ),
        (
            "https://www.facebook.com/pages/Vi-Du/103354064614970",
            "facebook:103354064614970",
        ),
        (
            "https://www.facebook.com/D%E1%BB%8Bch-V%E1%BB%A5-103354064614970",
            "facebook:103354064614970",
        ),
        (
            "https://www.facebook.com/p/Vi-Du-Shop-61550000000001/",
            "facebook:61550000000001",
        ),
        (
            "https://www.facebook.com/story.php?story_fbid=1&id=100012345678901",
            "facebook:100012345678901",
        ),
        (
            "https://www.facebook.com/groups/Vi.Du.Group/permalink/1",
            "facebook:group:vi.du.group",
        ),
        (
            "https://www.facebook.com/share/1AbCdEfGh/",
            "facebook:share:1AbCdEfGh",
        ),
        (
            "https://www.facebook.com/share/p/1AbCdEfGh/?mibextid=x",
            "facebook:share:p:1AbCdEfGh",
        ),
        ("https://m.me/vidu.shop", "messenger:vidushop"),
        (
            "https://www.messenger.com/t/100012345678901",
            "messenger:100012345678901",
        ),
        // No account in these.
        (
            "https://www.facebook.com/watch/?v=123",
            "facebook.com/watch/?v=123",
        ),
        ("https://www.facebook.com/reel/123", "facebook.com/reel/123"),
        (
            "https://www.facebook.com/login.php",
            "facebook.com/login.php",
        ),
        ("https://www.facebook.com/", "facebook.com/"),
        (
            "https://www.facebook.com.vidu.top/vidushop",
            "facebook.com.vidu.top/vidushop",
        ),
        ("https://xfacebook.com/vidushop", "xfacebook.com/vidushop"),
    ];
    for (raw, expected) in cases {
        assert_eq!(read(raw), expected, "{raw}");
    }
}

#[test]
fn tiktok_youtube_instagram_and_x() {
    let cases = [
        ("https://www.tiktok.com/@Vi.Du_9?lang=vi", "tiktok:vi.du_9"),
        (
            "https://www.tiktok.com/@vi.du_9/video/7300000000000000000",
            "tiktok:vi.du_9",
        ),
        ("https://vt.tiktok.com/ZSabc123/", "vt.tiktok.com/ZSabc123/"),
        ("https://www.youtube.com/@ViDu", "youtube:vidu"),
        ("https://www.youtube.com/c/ViDu/videos", "youtube:vidu"),
        (
            "https://www.youtube.com/c/Tuy%E1%BB%81nM%E1%BB%91c1986",
            "youtube:tuyềnmốc1986",
        ),
        ("https://www.youtube.com/user/ViDu", "youtube:user:vidu"),
        (
            "https://www.youtube.com/channel/UCimX5PViTsC0WsJ1y3oc5Kw/videos",
            "youtube:UCimX5PViTsC0WsJ1y3oc5Kw",
        ),
        (
            "https://www.youtube.com/watch?v=1VE9GcSTxug",
            "youtube.com/watch?v=1VE9GcSTxug",
        ),
        (
            "https://youtu.be/1VE9GcSTxug?utm_source=x",
            "youtu.be/1VE9GcSTxug",
        ),
        (
            "https://www.instagram.com/Vi.Du_9/?igsh=abc",
            "instagram:vi.du_9",
        ),
        (
            "https://www.instagram.com/p/Cabc123/",
            "instagram.com/p/Cabc123/",
        ),
        (
            "https://www.instagram.com/stories/vidu/1/",
            "instagram:vidu",
        ),
        ("https://x.com/ViDu9/status/1", "x:vidu9"),
        ("https://twitter.com/ViDu9", "x:vidu9"),
        ("https://mobile.twitter.com/vidu9", "x:vidu9"),
        ("https://x.com/home", "x.com/home"),
    ];
    for (raw, expected) in cases {
        assert_eq!(read(raw), expected, "{raw}");
    }
}

#[test]
fn messengers() {
    let cases = [
        ("https://zalo.me/0912345678", "zalo:+84912345678"),
        ("https://zalo.me/84912345678", "zalo:+84912345678"),
        ("zalo.me/+84912345678", "zalo:+84912345678"),
        ("https://zalo.me/01691234567", "zalo:+84391234567"),
        (
            "https://chat.zalo.me/?phone=0912345678",
            "zalo:+84912345678",
        ),
        (
            "https://zalo.me/792939471771757700",
            "zalo:oa:792939471771757700",
        ),
        (
            "oa.zalo.me/792939471771757700",
            "zalo:oa:792939471771757700",
        ),
        ("https://zalo.me/g/abcdef123", "zalo:g:abcdef123"),
        ("https://zaloapp.com/qr/p/1a2b3c4d5e", "zalo:qr:1a2b3c4d5e"),
        ("https://id.zalo.me/account", "id.zalo.me/account"),
        ("https://t.me/Vi_Du_Shop", "telegram:vi_du_shop"),
        ("https://telegram.me/vi_du_shop/12", "telegram:vi_du_shop"),
        ("https://t.me/s/vi_du_shop", "telegram:vi_du_shop"),
        ("https://vi-du.t.me.vidu.top/", "vi-du.t.me.vidu.top/"),
        ("https://vidu_shop.t.me/", "telegram:vidu_shop"),
        ("https://t.me/+AbCd-EfGh123", "telegram:invite:AbCd-EfGh123"),
        (
            "https://t.me/joinchat/AbCd-EfGh123",
            "telegram:invite:AbCd-EfGh123",
        ),
        ("https://t.me/+84912345678", "telegram:+84912345678"),
        ("https://t.me/share/url?url=x", "t.me/share/url?url=x"),
        ("https://wa.me/84912345678?text=hi", "whatsapp:+84912345678"),
        (
            "https://api.whatsapp.com/send?phone=%2B84912345678",
            "whatsapp:+84912345678",
        ),
        ("https://wa.me/8562055123456", "whatsapp:+8562055123456"),
        (
            "https://chat.whatsapp.com/AbCdEf123",
            "whatsapp:group:AbCdEf123",
        ),
        ("https://signal.me/#p/+84912345678", "signal:+84912345678"),
        ("https://line.me/ti/p/~ViDu9", "line:vidu9"),
        ("https://line.me/R/ti/p/@vidu", "line:oa:vidu"),
    ];
    for (raw, expected) in cases {
        assert_eq!(read(raw), expected, "{raw}");
    }
}

#[test]
fn schemes_of_the_apps_themselves() {
    let cases = [
        ("tg://resolve?domain=Vi_Du_Shop", "telegram:vi_du_shop"),
        ("tg://resolve?phone=84912345678", "telegram:+84912345678"),
        ("tg://join?invite=AbCd123", "telegram:invite:AbCd123"),
        ("tg://user?id=12345", "telegram:id:12345"),
        ("viber://chat?number=%2B84912345678", "viber:+84912345678"),
        ("whatsapp://send?phone=84912345678", "whatsapp:+84912345678"),
        ("fb://profile/100012345678901", "facebook:100012345678901"),
        ("zalo://conversation?phone=0912345678", "zalo:+84912345678"),
    ];
    for (raw, expected) in cases {
        let reading = account::parse(shipped(), raw).unwrap();
        assert_eq!(reading.indicator.value, expected, "{raw}");
    }
}
