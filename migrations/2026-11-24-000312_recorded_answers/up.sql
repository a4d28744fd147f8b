-- Answers that an agency gave by telephone, letter or in person, as an officer wrote them down.

create table referral_recorded_answers (
    id uuid constraint referral_recorded_answers_pkey primary key,
    referral_id uuid not null constraint referral_recorded_answers_referral_fkey references referrals (id) on delete cascade,
    answer text not null,
    received_via text not null,
    received_at timestamptz not null,
    document_number text not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    constraint referral_recorded_answers_answer_known check (answer in ('acknowledge', 'complete', 'decline')),
    constraint referral_recorded_answers_via_known check (received_via in ('phone', 'letter', 'email', 'fax', 'in_person')),
    constraint referral_recorded_answers_received_before check (received_at <= recorded_at)
);
comment on table referral_recorded_answers is 'Which answers an officer recorded on behalf of an agency, and what they stand on.';
comment on column referral_recorded_answers.document_number is 'The letter, or the officer''s own record of the call: who said so stands there, not here.';
create index referral_recorded_answers_referral on referral_recorded_answers (referral_id, id);
