-- How to complain, in the second branch: who complains of a decision that the head of the investigating body signed goes
-- on to the procuracy directly above, not again to the one that has just answered (BLTTHS art. 475(2)). A list that was
-- loaded before learns it where it still says what was shipped.
update reference_documents
set document = jsonb_set(document, '{text}', jsonb_build_object('vi', 'Nếu không đồng ý, bạn có quyền khiếu nại trong {days} ngày kể từ ngày biết quyết định, gửi đến Thủ trưởng Cơ quan điều tra Công an tỉnh (trả lời trong 07 ngày); nếu vẫn không đồng ý, trong 03 ngày kể từ khi nhận trả lời, bạn có quyền khiếu nại đến Viện trưởng Viện kiểm sát nhân dân cùng cấp. Nếu quyết định do chính Thủ trưởng ký thì gửi đến Viện trưởng Viện kiểm sát nhân dân cùng cấp (trả lời trong 07 ngày); nếu vẫn không đồng ý, trong 03 ngày kể từ khi nhận trả lời, bạn có quyền khiếu nại đến Viện trưởng Viện kiểm sát nhân dân cấp trên trực tiếp.',
        'en', 'If you disagree, you may complain within {days} days of learning of the decision, to the head of the investigating body of the provincial police (who answers within 7 days); if you still disagree, you may complain within 3 days of that answer to the head of the people''s procuracy of the same level. If the head of the investigating body signed the decision himself, complain to the head of the people''s procuracy of the same level (who answers within 7 days); if you still disagree, within 3 days of that answer to the head of the people''s procuracy directly above it.')),
    version = version + 1
where name = 'complaints'
  and document #>> '{text,vi}' like '%nếu quyết định do chính Thủ trưởng ký thì gửi đến Viện trưởng Viện kiểm sát nhân dân cùng cấp. Nếu vẫn không đồng ý%';
