use proptest::prelude::*;
use rstest::rstest;

use super::super::lang::Lang;
use super::{Part, Ways, alone, shown};

fn ways() -> Ways {
    serde_json::from_str(include_str!("../../reference/data/border.json")).unwrap()
}

fn values(part: Part, text: &str) -> Vec<String> {
    let found = ways().read(text).into_iter();
    let of_part = found.filter(|trace| trace.part == part);
    of_part.map(|trace| trace.value).collect()
}

#[rstest]
#[case("đi xe 27A-123.45 lúc 5 giờ sáng", "27A12345", "27A-123.45")]
#[case("29H1-456.78 chở ra biên giới", "29H145678", "29H1-456.78")]
#[case("biển số 27B 1234", "27B1234", "27B-1234")]
#[case("bien so 27b1 234.56", "27B123456", "27B1-234.56")]
#[case("xe khách biển kiểm soát 29B12345 đón ở bến", "29B12345", "29B-123.45")]
#[case("Xe Limousine BKS: 30LD-123.45", "30LD12345", "30LD-123.45")]
#[case("xe máy 27-H1 456.78 chở đi", "27H145678", "27H1-456.78")]
#[case("xe 27 A 123 45 nhé", "27A12345", "27A-123.45")]
#[case("xe em đi biển số 27A-123.45", "27A12345", "27A-123.45")]
#[case("xe biển 15B-01234, nhà xe hẹn ở cổng", "15B01234", "15B-012.34")]
#[case("xe ôtô BS 27A12345 0912345678", "27A12345", "27A-123.45")]
#[case("xe biển số 27Đ1-123.45", "27D112345", "27D1-123.45")]
#[case("xe quân đội biển KC-45-67 chở qua", "KC4567", "KC-45-67")]
#[case("xe bien so TM 12 34", "TM1234", "TM-12-34")]
#[case("xe biển ngoại giao 80-123-NG-45", "80NG12345", "80-NG-123-45")]
#[case("xe 80-NG-123-45 đón ở cửa khẩu", "80NG12345", "80-NG-123-45")]
#[case("nó chở con tôi bằng xe 27A-123.45 sang Lào", "27A12345", "27A-123.45")]
#[case("con tôi đi xe khách 29B-123.45 do nó đặt", "29B12345", "29B-123.45")]
#[case("em gái tôi bị bắt lên xe 27A-123.45", "27A12345", "27A-123.45")]
#[case("xe của anh Mẫu biển số 27A-123.45", "27A12345", "27A-123.45")]
#[case("xe 27A-123.45 bị công an giữ", "27A12345", "27A-123.45")]
fn a_plate_is_read(#[case] text: &str, #[case] value: &str, #[case] display: &str) {
    assert_eq!(values(Part::Transport, text), [value], "{text}");
    assert_eq!(shown(value), display);
}

#[rstest]
#[case("căn hộ 12A-1205 toà B")]
#[case("ở phòng 27B 1234")]
#[case("số nhà 27A-123.45")]
#[case("STK 27A12345678")]
#[case("chuyển 20k 10000 lần")]
#[case("hẹn 15h30 1234")]
#[case("ngày 24-11-2026, lớp 12A 12345")]
#[case("mã đơn 29H1-456.78")]
#[case("xe chạy lúc 15h30, 0912 345 678")]
#[case("xe của tôi biển số 27A-123.45")]
#[case("xe nhà em 27A-123.45 bị mượn")]
#[case("27A-123.45 là xe của tôi")]
#[case("xe 227A-123.45")]
#[case("xe 27A-123.456.789")]
#[case("xe 27ABC 12345")]
#[case("xe 27A 123")]
#[case("xe 02A-123.45")]
#[case("đi xe hết 500k, 20h xe chạy")]
#[case("chồng tôi lái xe 27A-777.88 đi tìm con ở Lào")]
#[case("bố em đi xe 27A-777.88 sang Lào đón em về")]
#[case("nạn nhân đi xe máy 27B1-777.88 rồi bị chở sang Lào")]
#[case("con tôi để lại xe máy 27B1-777.88 ở bến")]
#[case("em gái tôi đi xe 27A-777.88")]
#[case("xe của bạn tôi biển 27A-777.88 bị chúng lấy")]
#[case("xe mượn của ông nội 27A-777.88")]
#[case("con tôi tự đi xe máy 27B1-777.88 sang Lào")]
#[case("công an xã đi xe 27A-777.88 đến hỏi")]
#[case("cong an xa di xe 27A-777.88 den hoi")]
#[case("xe công an 27A-777.88")]
#[case("xe 27A-777.88 bị chúng cướp")]
#[case("27A-777.88 là xe của vợ tôi")]
#[case("tài khoản VT-12-34")]
#[case("mã KC-45-67")]
fn no_plate(#[case] text: &str) {
    assert_eq!(
        values(Part::Transport, text),
        Vec::<String>::new(),
        "{text}"
    );
}

#[rstest]
#[case("qua cửa khẩu Tây Trang", &["tay_trang"])]
#[case("dua qua cua khau tay trang", &["tay_trang"])]
#[case("Đi đường mòn ở Na Ư rồi sang Lào", &["laos", "sam_mun", "unwatched_path"])]
#[case("di loi mon huoi puoc", &["huoi_puoc", "unwatched_path"])]
#[case("lên A Pa Chải", &["a_pa_chai"])]
#[case("lối mở ở Si Pa Phìn", &["si_pa_phin", "unwatched_path"])]
#[case("rủ sang Myanmar, có người bị bán qua Campuchia", &["cambodia", "myanmar"])]
#[case("sang lao lam viec", &["laos"])]
#[case("Vượt biên ở Mường Nhé", &["muong_nhe", "secret_crossing"])]
#[case("tam giác vàng", &["golden_triangle"])]
fn a_way_is_read(#[case] text: &str, #[case] codes: &[&str]) {
    assert_eq!(values(Part::Route, text), codes, "{text}");
}

#[rstest]
#[case("nhà tôi ở Mường Nhé, nó gọi điện")]
#[case("mat het, ve tay trang")]
#[case("mất hết, về tay trắng")]
#[case("dùng nước tẩy trang")]
#[case("rủ sang lao động bên Nhật")]
#[case("ru sang lao dong")]
#[case("app bị lỗi mở không được")]
#[case("app bi loi mo khong duoc")]
#[case("nó nói quá lão")]
#[case("bán hàng Trung Quốc")]
fn no_way(#[case] text: &str) {
    assert_eq!(values(Part::Route, text), Vec::<String>::new(), "{text}");
}

#[test]
fn where_somebody_lives_is_no_way() {
    let text = "Nhà ở Mường Nhà. Họ nói đi đường mòn";
    assert_eq!(values(Part::Route, text), ["unwatched_path"]);
}

#[rstest]
#[case("việc nhẹ lương cao", &["easy_work"])]
#[case("viec nhe luong cao, ko can ho chieu", &["easy_work", "no_papers"])]
#[case("lương 30 triệu, bao ăn ở, không cần bằng cấp", &["costs_paid", "no_skills", "wage_named"])]
#[case("25-30tr/tháng", &["wage_named"])]
#[case("thu nhập từ 1.000 đô", &["wage_named"])]
#[case("mỗi tháng 20 củ, làm casino, ứng trước tiền", &["advance", "casino", "wage_named"])]
fn a_lure_is_read(#[case] text: &str, #[case] codes: &[&str]) {
    assert_eq!(values(Part::Lure, text), codes, "{text}");
}

#[rstest]
#[case("tôi chuyển 30 triệu tháng trước")]
#[case("chuyen 30tr thang 11")]
#[case("đòi chuộc 300 triệu")]
#[case("mất 30 triệu mỗi tháng")]
#[case("họ đòi hộ chiếu của tôi")]
#[case("bao nhiêu xe cũng được")]
fn no_lure(#[case] text: &str) {
    assert_eq!(values(Part::Lure, text), Vec::<String>::new(), "{text}");
}

#[test]
fn a_plate_that_is_asked_for_is_read_in_any_writing() {
    for (written, value) in [
        ("27A-333.44", "27A33344"),
        ("27a33344", "27A33344"),
        (" 27 A 333 44 ", "27A33344"),
        ("KC 45 67", "KC4567"),
    ] {
        assert_eq!(alone(written).as_deref(), Some(value), "{written}");
    }
    for other in ["", "0912345678", "27A", "một chiếc xe trắng"] {
        assert_eq!(alone(other), None, "{other}");
    }
}

#[test]
fn labels_are_told_in_both_languages() {
    assert_eq!(ways().label("laos", Lang::Vi), "Sang Lào");
    assert_eq!(ways().label("wage_named", Lang::En), "A wage named");
    assert_eq!(ways().label("gone", Lang::En), "gone");
}

proptest! {
    #[test]
    fn a_plate_is_one_whatever_marks_are_used(
        head in 11..=99_u8, series in "[ABCDEFGHKLMNPRSTUVXYZ]", serial in "[0-9]{5}",
        marks in prop::collection::vec("[ .-]?", 3), lower: bool,
    ) {
        let (front, back) = serial.split_at(3);
        let [a, b, c] = [&marks[0], &marks[1], &marks[2]];
        let written = format!("{head}{a}{series}{b}{front}{c}{back}");
        let written = if lower { written.to_lowercase() } else { written };
        prop_assert_eq!(
            values(Part::Transport, &format!("đi xe biển số {written} nhé")),
            [format!("{head}{series}{serial}")]
        );
    }

    #[test]
    fn no_text_breaks_it(text: String) {
        let _ = ways().read(&text);
    }

    #[test]
    fn no_numbers_break_it(text in "((xe |27|[a-z]| |-|\\.|[0-9]{1,6}|lương |triệu |tháng )){0,30}") {
        let _ = ways().read(&text);
    }
}
