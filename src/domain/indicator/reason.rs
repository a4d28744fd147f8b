//! Why something did not parse, and doubts about what did.
//!
//! Codes are for programs and never change; texts are for the person who wrote the value. No text
//! repeats the value, so that a reason may be logged.

use crate::domain::lang::Lang;

macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $code:literal $vi:literal $en:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// A short sentence for people.
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $(
                    (Self::$variant, Lang::Vi) => $vi,
                    (Self::$variant, Lang::En) => $en,
                )* }
            }
        }
    };
}

coded! {
    /// Why a value could not be read; it is kept as text all the same.
    Reason {
        /// Nothing but blanks and invisible characters.
        Empty "empty" "Chưa có nội dung." "There is nothing here.";
        /// Longer than anything of its kind.
        TooLong "too_long" "Nội dung quá dài." "This is too long.";
        /// More than one value where one was asked for.
        SeveralValues "several_values" "Có nhiều giá trị; hãy tách thành từng mục." "There are several values here; give each its own entry.";
        /// Letters or signs that no telephone number has.
        NotAPhone "not_a_phone" "Đây không phải là số điện thoại." "This is not a telephone number.";
        /// Too few or too many digits.
        PhoneLength "phone_length" "Số điện thoại thừa hoặc thiếu chữ số." "The telephone number has too many or too few digits.";
        /// A fixed-line number without its area code.
        PhoneAreaMissing "phone_area_missing" "Thiếu mã vùng của số điện thoại cố định." "The area code of the fixed line is missing.";
        /// The right length, but no such numbers are given out.
        PhoneUnassigned "phone_unassigned" "Đầu số này chưa được cấp." "No numbers with this prefix are in use.";
        /// No host can be made out.
        NotAWebAddress "not_a_web_address" "Đây không phải là địa chỉ trang web." "This is not a web address.";
        /// A scheme that does not lead to a web page.
        SchemeUnsupported "scheme_unsupported" "Loại đường dẫn này chưa được hỗ trợ." "This kind of link is not supported.";
        /// A host that no browser accepts.
        HostMalformed "host_malformed" "Tên miền viết sai." "The host name is malformed.";
        /// An internationalised name that cannot be decoded.
        IdnMalformed "idn_malformed" "Tên miền quốc tế (xn--) bị hỏng." "The internationalised host name is broken.";
        /// No local part, no domain, or characters that neither has.
        NotAnEmail "not_an_email" "Đây không phải là địa chỉ email." "This is not an e-mail address.";
        /// An account has 6 to 19 letters or digits.
        AccountLength "account_length" "Số tài khoản phải có từ 6 đến 19 chữ số hoặc chữ cái." "An account number has 6 to 19 digits or letters.";
        /// Something other than digits and unaccented letters.
        AccountCharacters "account_characters" "Số tài khoản chỉ gồm chữ số và chữ cái không dấu." "An account number has only digits and plain letters.";
        /// The wallet is not named.
        WalletMissing "wallet_missing" "Chưa rõ ví điện tử nào." "Which e-wallet is it?";
        /// The platform is not named.
        PlatformMissing "platform_missing" "Chưa rõ mạng xã hội hoặc ứng dụng nhắn tin nào." "Which social network or messaging app is it?";
        /// A person's or page's name, which many accounts may bear.
        DisplayNameOnly "display_name_only" "Đây là tên hiển thị; hãy gửi đường dẫn của tài khoản." "This is a display name; send the link of the account.";
        /// A handle with characters that the platform does not allow.
        HandleMalformed "handle_malformed" "Tên tài khoản không hợp lệ trên nền tảng này." "The platform has no such account names.";
        /// No supported chain has such addresses.
        NotACryptoAddress "not_a_crypto_address" "Đây không phải là địa chỉ ví tiền mã hoá được hỗ trợ." "This is not an address of a supported chain.";
        /// Looks right, but the check characters do not match: a misprint.
        CryptoChecksum "crypto_checksum" "Địa chỉ ví sai ký tự kiểm tra; có thể chép nhầm." "The address has wrong check characters; it may be miscopied.";
        /// Neither a package name, nor a store id, nor a link.
        NotAnApp "not_an_app" "Hãy gửi đường dẫn tải hoặc tên gói của ứng dụng." "Send the download link or the package name of the app.";
        /// Not what an SMS can carry as its sender.
        NotASender "not_a_sender" "Đây không phải là tên người gửi tin nhắn." "This is not the sender of an SMS.";
        /// Not an EMVCo payload, or cut off.
        QrMalformed "qr_malformed" "Mã QR thanh toán bị thiếu hoặc sai định dạng." "The payment code is incomplete or malformed.";
        /// The CRC at the end does not match: altered or miscopied.
        QrChecksum "qr_checksum" "Mã QR sai mã kiểm tra; có thể đã bị sửa." "The payment code has a wrong checksum; it may have been altered.";
        /// A payment code that names no account.
        QrWithoutAccount "qr_without_account" "Mã QR này không có số tài khoản." "This payment code names no account.";
    }
}

coded! {
    /// A doubt about a value that was read.
    Warning {
        /// The bank's name fits several banks.
        BankAmbiguous "bank_ambiguous" "Tên ngân hàng này có thể là nhiều ngân hàng." "This name fits several banks.";
        /// The bank's name is not in the reference data.
        BankUnknown "bank_unknown" "Không tìm thấy ngân hàng này." "This bank is not known.";
        /// The wallet's name is not in the reference data.
        WalletUnknown "wallet_unknown" "Không tìm thấy ví điện tử này." "This e-wallet is not known.";
        /// A bare number given as a messaging account.
        PlatformUnknown "platform_unknown" "Chưa rõ ứng dụng nhắn tin; chỉ ghi nhận số điện thoại." "The messaging app is not named; only the number was noted.";
        /// `+840…`, a look that fake police calls have.
        TrunkZero "trunk_zero_after_country_code" "Số có dạng +840, thường gặp ở cuộc gọi giả danh." "The number is written +840, as fake callers' numbers often are.";
        /// The payment code's inner parts do not add up although its CRC is right.
        QrUntidy "qr_untidy" "Mã QR có phần thừa bên trong." "The payment code has leftover parts inside.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_distinct_snake_case_and_texts_are_sentences() {
        let mut seen = HashSet::new();
        let all = Reason::ALL
            .iter()
            .map(|r| (r.code(), r.text(Lang::Vi), r.text(Lang::En)))
            .chain(
                Warning::ALL
                    .iter()
                    .map(|w| (w.code(), w.text(Lang::Vi), w.text(Lang::En))),
            );
        for (code, vi, en) in all {
            assert!(seen.insert(code), "{code} twice");
            assert!(
                code.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{code}"
            );
            for text in [vi, en] {
                assert!(text.ends_with(['.', '?']), "{text}");
            }
        }
    }
}
