-- wrk: posts tips of 1 KB with two indicators, each different; HOT=1 puts one viral number in all. PAUSE_MS as
-- in requests.lua.
local token = os.getenv("TOKEN")
local hot = os.getenv("HOT") == "1"
-- Thirteen of these make a narrative, so that no two are alike; with HOT=1 all are copies, as of a viral message.
local sentences = {
  "Có người gọi tự xưng công an, bắt tôi chuyển tiền.", "Họ nói tôi liên quan đến đường dây rửa tiền lớn.",
  "Người này đọc đúng họ tên và quê quán của tôi.", "Tôi được yêu cầu giữ bí mật, không kể với ai.",
  "Sau đó một phụ nữ xưng là kiểm sát viên gọi lại.", "Họ gửi cho tôi một lệnh bắt có dấu đỏ qua mạng.",
  "Tôi sợ quá nên ra ngân hàng rút sổ tiết kiệm.", "Nhân viên quầy có hỏi nhưng tôi không dám nói.",
  "Tôi đã chuyển ba lần trong buổi sáng hôm nay.", "Đến chiều thì số máy đó không liên lạc được nữa.",
  "Con trai tôi về nhà mới biết mẹ bị lừa đảo.", "Hàng xóm của tôi cũng bị gọi giống hệt như vậy.",
  "Giọng người gọi là giọng miền Trung, khá trẻ.", "Cuộc gọi đầu tiên kéo dài gần một tiếng rưỡi.",
  "Họ hứa sẽ trả lại tiền sau khi xác minh xong.", "Tôi còn giữ biên lai và ảnh chụp màn hình.",
  "Lúc đầu họ chỉ xin một khoản phí rất nhỏ.", "Nhóm trò chuyện có hơn hai trăm thành viên.",
  "Ai trong nhóm cũng khoe là đã rút được lãi.", "Người hướng dẫn gọi tôi là chị và rất lễ phép.",
  "Tôi thấy quảng cáo này khi đang xem bóng đá.", "Họ bảo chỉ cần bấm thích và theo dõi cửa hàng.",
  "Nhiệm vụ thứ tư thì phải nạp tiền mới làm tiếp.", "Hệ thống báo lỗi và đòi thêm tiền bảo đảm.",
  "Bạn tôi giới thiệu, bây giờ bạn ấy cũng mất tiền.", "Tôi làm công nhân, đây là tiền dành dụm cả năm.",
  "Gia đình tôi vay thêm của họ hàng để đóng phạt.", "Họ gọi bằng hình ảnh, mặc quân phục rất giống thật.",
  "Phía sau có treo quốc huy như trong trụ sở.", "Tôi hỏi địa chỉ cơ quan thì họ tắt máy ngay.",
  "Người bán không giao hàng và chặn tài khoản tôi.", "Chiếc xe máy trong ảnh rẻ hơn giá chợ một nửa.",
  "Tôi đặt cọc trước rồi không thấy ai đến giao.", "Trang bán hàng mới lập được khoảng hai tuần.",
  "Họ dặn tôi cài ứng dụng dịch vụ công để khai báo.", "Cài xong thì điện thoại nóng và tự mở màn hình.",
  "Trong đêm tiền trong tài khoản bị chuyển hết.", "Ngân hàng nói giao dịch đã hoàn tất từ sớm.",
  "Tôi mong cơ quan chức năng sớm vào cuộc giúp đỡ.", "Tôi báo để bà con trong bản biết mà tránh.",
  "Ở xã tôi tuần này đã có bốn người bị như thế.", "Trưởng bản khuyên tôi đến trình báo ngay.",
  "Có lần họ tự nhận là cán bộ điện lực thu nợ.", "Họ dọa cắt điện trong hai giờ nếu không trả.",
  "Một người khác tự xưng nhân viên bưu điện.", "Bưu phẩm của tôi được nói là có chất cấm.",
  "Tôi chưa từng gửi hay nhận bưu phẩm nào như vậy.", "Chồng tôi đang làm ăn xa nên không hỏi được ai."}
local copy = table.concat(sentences, " ", 1, 13)
local function narrative()
  if hot then return copy end
  local told = {}
  for n = 1, 13 do
    local m = math.random(n, #sentences)
    sentences[n], sentences[m] = sentences[m], sentences[n]
    told[n] = sentences[n]
  end
  return table.concat(told, " ")
end
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
if pause > 0 then function delay() return pause end end
local thread_id = 0
function setup(thread) thread_id = thread_id + 1; thread:set("seed", thread_id) end
function init() math.randomseed(os.time() * 7919 + seed) end
function request()
  local phone = hot and "0912345678" or string.format("09%08d", math.random(0, 99999999))
  local body = string.format(
    '{"narrative": "%s %d", "method": "impersonate_police_court", "channel": "call", "indicators": [' ..
    '{"kind": "phone", "value": "%s", "role": "contacted_me"},' ..
    '{"kind": "bank_account", "value": "%010d", "bank": "VCB", "role": "received_money"}],' ..
    '"losses": [{"amount_vnd": 48000000, "to_indicator": 1}]}',
    narrative(), math.random(0, 1000000000), phone, math.random(0, 999999999))
  return wrk.format("POST", "/v1/tips",
    {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token}, body)
end
function done(summary, latency)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
