// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    /// Warnings to the public as they are being written.
    advisories (id) {
        id -> Uuid,
        /// Agency of the first author; null is the provincial police.
        agency -> Nullable<Text>,
        state -> Text,
        /// The text in work; what the public reads is the newest revision.
        content -> Jsonb,
        /// Whether the text in work differs from what is published.
        pending -> Bool,
        /// Who wrote last; somebody else has to publish.
        author -> Text,
        /// Newest published revision; 0 before the first.
        revision -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        published_at -> Nullable<Timestamptz>,
        /// Last publication or retraction; no two are equal, and a later one is greater.
        changed_at -> Nullable<Timestamptz>,
        retracted_at -> Nullable<Timestamptz>,
        retracted_by -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// What the public was told; rows are added, never changed.
    advisory_revisions (advisory_id, revision) {
        advisory_id -> Uuid,
        revision -> Int4,
        content -> Jsonb,
        author -> Text,
        published_by -> Text,
        published_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who had a file in hand, when and for what.
    attachment_custody (id) {
        id -> Uuid,
        attachment_id -> Uuid,
        at -> Timestamptz,
        act -> Text,
        actor -> Text,
        request_id -> Text,
    }
}

diesel::table! {
    /// Files of a tip; the object of the same id holds the sealed bytes.
    attachments (id) {
        id -> Uuid,
        tip_id -> Uuid,
        from_reporter -> Bool,
        added_by -> Nullable<Text>,
        received_at -> Timestamptz,
        /// By content, never by name.
        media_type -> Text,
        size -> Int8,
        /// Of the original bytes, hashed while they came.
        sha256 -> Bytea,
        key_id -> Text,
        wrapped_key -> Bytea,
    }
}

diesel::table! {
    /// Notes of issued tokens that the audit holds already, whichever replica read them.
    audited_tokens (jti) {
        jti -> Text,
        audited_at -> Timestamptz,
    }
}

diesel::table! {
    /// Indicators of tips about brokers of illegal exit; kept by a reader of the journal.
    border_traces (indicator_key, tip_id) {
        indicator_key -> Bytea,
        tip_id -> Uuid,
        role -> Nullable<Text>,
        method -> Text,
        channel -> Nullable<Text>,
        unit_code -> Nullable<Text>,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// Vehicles, ways and lures that tips about brokers of illegal exit speak of; kept by a reader of the journal.
    border_words (trace, tip_id) {
        trace -> Text,
        tip_id -> Uuid,
        method -> Text,
        channel -> Nullable<Text>,
        unit_code -> Nullable<Text>,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// Campaign windows (đợt cao điểm): named periods for the statistics.
    campaigns (id) {
        id -> Uuid,
        name -> Text,
        starts_at -> Timestamptz,
        /// The first moment that no longer belongs to it.
        ends_at -> Timestamptz,
        note -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// What was done in a case, and when: starts and meets every deadline.
    case_acts (id) {
        id -> Uuid,
        case_id -> Uuid,
        /// Code of domain::deadline::Act.
        act -> Text,
        at -> Timestamptz,
        by -> Text,
        recorded_at -> Timestamptz,
        legal_basis -> Nullable<Text>,
        document_number -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    /// While a case is here nothing of it is anonymised or deleted.
    case_holds (case_id) {
        case_id -> Uuid,
        reason -> Text,
        legal_basis -> Nullable<Text>,
        set_by -> Text,
        set_at -> Timestamptz,
        /// Who asked that it be lifted; another person has to approve.
        lift_requested_by -> Nullable<Text>,
        lift_requested_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Which tips belonged to which case when: merging and unmerging restore both sides exactly.
    case_members (id) {
        id -> Uuid,
        case_id -> Uuid,
        tip_id -> Uuid,
        added_by -> Text,
        added_at -> Timestamptz,
        removed_by -> Nullable<Text>,
        removed_at -> Nullable<Timestamptz>,
        /// The case that it came from by a merge.
        from_case -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Officers' notes.
    case_notes (id) {
        id -> Uuid,
        case_id -> Uuid,
        author -> Text,
        text -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Matters under the Criminal Procedure Code, from accepted on.
    cases (id) {
        id -> Uuid,
        year -> Int2,
        seq -> Int4,
        number -> Text,
        title -> Text,
        summary -> Nullable<Text>,
        state -> Text,
        desk -> Text,
        assignee -> Nullable<Text>,
        methods -> Array<Nullable<Text>>,
        /// Reception of its earliest tip: where the clocks start.
        received_at -> Timestamptz,
        opened_at -> Timestamptz,
        opened_by -> Text,
        version -> Int4,
        updated_at -> Timestamptz,
        /// The last legal decision: prosecute, not_prosecute, suspend, transfer …
        decision -> Nullable<Text>,
        /// End of the deadline that runs out first; recomputed with each act.
        next_due_at -> Nullable<Timestamptz>,
        /// When a deadline is near or over next: what the announcer looks for.
        announce_at -> Nullable<Timestamptz>,
        /// What came before was announced before there was announced; cleared by the next look.
        announced_until -> Nullable<Timestamptz>,
        /// The case that took this one over; unmerging clears it.
        merged_into -> Nullable<Uuid>,
        /// When its tips and texts were deleted; number, states and times stay.
        purged_at -> Nullable<Timestamptz>,
        /// Priority of the most urgent of its tips; recomputed when one joins or leaves.
        score -> Int2,
        /// Deadlines announced, by code: {due_at, over}.
        announced -> Jsonb,
    }
}

diesel::table! {
    /// Registered clients; tokens may only narrow what stands here.
    clients (id) {
        id -> Uuid,
        client_id -> Text,
        name -> Text,
        kind -> Text,
        /// Absent is the provincial police.
        agency -> Nullable<Text>,
        desk -> Nullable<Text>,
        units -> Nullable<Array<Nullable<Text>>>,
        scopes -> Array<Nullable<Text>>,
        /// Scopes that one admin may not grant alone; a second one approves.
        pending_scopes -> Array<Nullable<Text>>,
        pending_by -> Nullable<Text>,
        /// Argon2id; the secret itself is shown once.
        secret_hash -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
        version -> Int4,
        updated_at -> Timestamptz,
        /// Desk and communes that wait for a second admin, because they open more.
        pending_confinement -> Nullable<Jsonb>,
        /// Argon2id of a secret that waits for a second admin; the one before holds until then.
        pending_secret_hash -> Nullable<Text>,
        /// Who was shown the secret.
        secret_known_to -> Array<Nullable<Text>>,
        /// Eight bytes of the digest of secret_hash and eight of that of the secret, which has 256 random bits: tells others at once.
        secret_check -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// The last renewal of each device that was ever renewed.
    device_renewals (device) {
        device -> Uuid,
        /// The token that the last renewal gave.
        current_jti -> Text,
        /// The token that it was asked with: asked with again where the answer was lost.
        former_jti -> Text,
        renewed_at -> Timestamptz,
    }
}

diesel::table! {
    /// Whose tokens, as far as they were issued before, are good no more; kept for good, for an issuer's tokens may last as long.
    ended_bearers (id) {
        id -> Uuid,
        /// Whose, as sub stands in answers and in the audit.
        sub -> Text,
        /// Whose tokens of theirs; absent is whoever issued them.
        issuer -> Nullable<Text>,
        /// Where an administrator who is confined ended only tokens that are confined at least as much.
        desk -> Nullable<Text>,
        /// As desk.
        units -> Nullable<Array<Nullable<Text>>>,
        reason -> Nullable<Text>,
        ended_by -> Text,
        ended_at -> Timestamptz,
    }
}

diesel::table! {
    /// Objects that were begun in the store of evidence; the sweep deletes no others.
    evidence_objects (id) {
        id -> Uuid,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    /// When tips that came back after their decision were classified the first time.
    first_classifications (tip_id) {
        tip_id -> Uuid,
        /// Until when it had to be classified then.
        due_at -> Timestamptz,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// What counts as frozen once a renewal was answered; without a row the answer itself counts.
    freeze_counts (referral_id) {
        referral_id -> Uuid,
        /// In đồng: with the first freeze of a chain what its last answers say, with a renewal nothing.
        counted_vnd -> Int8,
    }
}

diesel::table! {
    /// Success answers by key, so that a request sent twice is done once.
    idempotency_keys (id) {
        /// SHA-256 over client, subject, device and key.
        id -> Bytea,
        request_hash -> Bytea,
        status -> Int2,
        /// Headers and body, sealed: an answer may hold a receipt.
        answer -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    /// Objections to a verdict by anybody, without an account (BLTTHS art. 57).
    indicator_appeals (id) {
        id -> Uuid,
        key -> Bytea,
        receipt_hash -> Bytea,
        text -> Text,
        /// How to answer, sealed.
        contact -> Nullable<Bytea>,
        submitted_at -> Timestamptz,
        due_at -> Timestamptz,
        decision -> Nullable<Text>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        kind -> Nullable<Text>,
        /// What is contested: the indicator is made of it only when an officer gives it a verdict.
        value -> Nullable<Text>,
        display -> Nullable<Text>,
        attributes -> Nullable<Jsonb>,
        /// Which identity key wrapped the contact's data key; null where an earlier version sealed it.
        contact_key_id -> Nullable<Text>,
        contact_wrapped_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// Counters of each indicator, at most seconds behind; no intake touches them.
    indicator_figures (key) {
        key -> Bytea,
        tips -> Int4,
        /// Reports by different known devices or reporters, an hour apart; all others of a client and day count as one.
        independent -> Int4,
        /// Reception of the last independent report.
        last_counted_at -> Nullable<Timestamptz>,
        loss_vnd -> Int8,
        first_reported -> Timestamptz,
        last_reported -> Timestamptz,
        methods -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    /// What the public may learn; an indicator that is not here is unknown to the public.
    indicator_public (key) {
        key -> Bytea,
        kind -> Text,
        value -> Text,
        /// Null once there is nothing to be said any more.
        verdict -> Nullable<Text>,
        reports -> Int4,
        methods -> Array<Nullable<Text>>,
        last_reported -> Nullable<Date>,
        /// Stood in the feeds: leaves a tombstone there.
        was_confirmed -> Bool,
        /// Journal position at which the row changed last.
        position -> Int8,
        /// When it changed last: no two are equal, and one that comes later is greater, by four microseconds at least.
        changed_at -> Timestamptz,
        /// When it first stood in the feeds.
        confirmed_at -> Nullable<Timestamptz>,
        /// When the verdict of an officer ends by itself; null where it does not, or nobody confirmed it.
        expires_at -> Nullable<Timestamptz>,
        /// An officer cleared it: nothing is told of it, nor by what it stands on.
        cleared -> Bool,
    }
}

diesel::table! {
    /// Who was counted for an indicator, as a hash of device, blind index, or client and day.
    indicator_reporters (key, reporter) {
        key -> Bytea,
        reporter -> Bytea,
    }
}

diesel::table! {
    /// Every verdict ever given; the one without ended_at is in force or waits for approval.
    indicator_verdicts (id) {
        id -> Uuid,
        key -> Bytea,
        verdict -> Text,
        reason -> Text,
        note -> Nullable<Text>,
        /// For official entries: where it was checked; without it nothing is vouched for.
        source -> Nullable<Text>,
        checked_at -> Nullable<Date>,
        given_by -> Text,
        given_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        /// Proposed in place of an official entry, which stands until a second admin approves.
        waits -> Bool,
        /// Independent reports when it was given; null for those given before this was noted.
        independent -> Nullable<Int4>,
    }
}

diesel::table! {
    /// Canonical scam traces. An indicator is an allegation, not a finding (BLTTHS art. 57).
    indicators (key) {
        /// SHA-256 of kind:value, made by whoever writes: intake needs no look-up to link a tip.
        key -> Bytea,
        id -> Uuid,
        kind -> Text,
        value -> Text,
        display -> Text,
        attributes -> Jsonb,
        first_seen -> Timestamptz,
    }
}

diesel::table! {
    /// Append-only: every change, every read by a person, every event, in one order.
    journal (position) {
        position -> Int8,
        id -> Uuid,
        at -> Timestamptz,
        /// tip.received, tip.read, reporter.revealed …
        #[sql_name = "type"]
        type_ -> Text,
        /// Whether changes, live events and webhooks carry it.
        is_event -> Bool,
        /// sub of the token, or device, reporter, system.
        actor -> Text,
        client_id -> Text,
        agency -> Nullable<Text>,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        /// Never holds reporter data, receipts or tokens.
        data -> Jsonb,
        request_id -> Text,
        /// SHA-256 over the chain hash before and this row.
        chain -> Bytea,
    }
}

diesel::table! {
    /// A compact JWS over position and chain hash, one a sequencer pass.
    journal_checkpoints (position) {
        position -> Int8,
        at -> Timestamptz,
        chain -> Bytea,
        signature -> Text,
        /// Counts the checkpoints without a gap: a removed one is noticed.
        number -> Int8,
    }
}

diesel::table! {
    /// How far each background reader of the journal has come; its row lock lets many replicas run the same reader.
    journal_consumers (name) {
        name -> Text,
        position -> Int8,
    }
}

diesel::table! {
    /// Committed entries that the sequencer has not numbered yet: the unsealed tail.
    journal_pending (written) {
        id -> Uuid,
        at -> Timestamptz,
        #[sql_name = "type"]
        type_ -> Text,
        is_event -> Bool,
        actor -> Text,
        client_id -> Text,
        agency -> Nullable<Text>,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        data -> Jsonb,
        request_id -> Text,
        /// Order of writing: what is done about one thing later has a higher number.
        written -> Int8,
    }
}

diesel::table! {
    /// Values by which a key is known again; the first start with a key writes its own.
    key_checks (name) {
        name -> Text,
        value -> Bytea,
        noted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Last number given, for series that must be gapless within a year.
    number_counters (name, year) {
        name -> Text,
        year -> Int2,
        last -> Int4,
    }
}

diesel::table! {
    /// What changed in the numbers of open tips and is not in open_tip_counts yet.
    open_tip_changes (id) {
        id -> Int8,
        desk -> Text,
        level -> Text,
        unit_code -> Text,
        received_minute -> Timestamptz,
        due_minute -> Timestamptz,
        tips -> Int4,
    }
}

diesel::table! {
    /// Open tips by desk, level, commune and age; with open_tip_changes the exact number.
    open_tip_counts (desk, level, unit_code, received_minute, due_minute) {
        desk -> Text,
        level -> Text,
        /// Commune; empty where it is unknown.
        unit_code -> Text,
        /// Minute of reception; -infinity once that is so long ago that it tells nothing more.
        received_minute -> Timestamptz,
        /// Minute in which it must be classified; -infinity when that is over, infinity when it is classified.
        due_minute -> Timestamptz,
        tips -> Int8,
    }
}

diesel::table! {
    /// Why persons named as potential victims are kept beyond 90 days.
    potential_victim_grounds (tip_id) {
        tip_id -> Uuid,
        ground -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamptz,
        /// Which identity key wrapped the data key of the persons; null where they stand in the submissions alone.
        key_id -> Nullable<Text>,
        wrapped_key -> Nullable<Bytea>,
        sealed -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// What people ask about their own data, and what became of it.
    privacy_requests (id) {
        id -> Uuid,
        kind -> Text,
        state -> Text,
        /// The tip of the receipt, or the one that the administrator names; null once it is gone.
        tip_id -> Nullable<Uuid>,
        /// The administrator who wrote it down; null where it came by receipt.
        recorded_by -> Nullable<Text>,
        /// In the person's words, sealed.
        text -> Nullable<Bytea>,
        received_at -> Timestamptz,
        acknowledge_by -> Timestamptz,
        due_at -> Timestamptz,
        acknowledged_at -> Nullable<Timestamptz>,
        acknowledged_by -> Nullable<Text>,
        extended_at -> Nullable<Timestamptz>,
        extended_by -> Nullable<Text>,
        extension_reason -> Nullable<Text>,
        decision_reason -> Nullable<Text>,
        decision_ground -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        /// When the restriction that it led to ended.
        lifted_at -> Nullable<Timestamptz>,
        lifted_by -> Nullable<Text>,
        lift_reason -> Nullable<Text>,
        /// Which identity key wrapped the text's data key; null where an earlier version sealed it.
        text_key_id -> Nullable<Text>,
        text_wrapped_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// What the reporters of tips were told of the suspension and the resumption of their case.
    process_notices (tip_id, code) {
        tip_id -> Uuid,
        /// Code of the deadline that it meets.
        code -> Text,
        /// When an officer put it on the receipt of a tip that only joined its case, or repeats one of it.
        released_at -> Nullable<Timestamptz>,
        /// When it was fetched by receipt, or sent otherwise.
        told_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What the public is told of a month, with small counts suppressed.
    public_figures (month) {
        month -> Date,
        figures -> Jsonb,
        /// The month is over: the figures stay as they are, so that nothing follows from a difference.
        settled -> Bool,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    /// How receipts ended that open nothing any more; kept for 90 days.
    receipt_ends (hash) {
        hash -> Bytea,
        how -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Keyed hashes of receipts; the receipt itself is only on the reporter's paper.
    receipts (hash) {
        hash -> Bytea,
        tip_id -> Uuid,
        created_at -> Timestamptz,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// One row a list, with its provenance inside the document.
    reference_documents (name) {
        name -> Text,
        document -> Jsonb,
        version -> Int4,
        loaded_at -> Timestamptz,
        loaded_by -> Text,
    }
}

diesel::table! {
    /// What a referral is about, and the answer for each.
    referral_indicators (referral_id, indicator_key) {
        referral_id -> Uuid,
        ordinal -> Int2,
        indicator_key -> Bytea,
        outcome -> Nullable<Text>,
        /// What was frozen there, in đồng.
        amount_vnd -> Nullable<Int8>,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Proposals that were discarded by themselves because their tip was dismissed or withdrawn.
    referral_lapses (referral_id) {
        referral_id -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    /// Questions of the agency and answers of the police.
    referral_messages (id) {
        id -> Uuid,
        referral_id -> Uuid,
        from_agency -> Bool,
        author -> Text,
        text -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Which answers an officer recorded on behalf of an agency, and what they stand on.
    referral_recorded_answers (id) {
        id -> Uuid,
        referral_id -> Uuid,
        answer -> Text,
        received_via -> Text,
        received_at -> Timestamptz,
        /// The letter, or the officer's own record of the call: who said so stands there, not here.
        document_number -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    /// Freezes that prolong an earlier one.
    referral_renewals (referral_id) {
        referral_id -> Uuid,
        /// The freeze that is prolonged.
        renews -> Uuid,
    }
}

diesel::table! {
    /// What an agency was asked to do, and what became of it. The tip and the case stay with the police.
    referrals (id) {
        id -> Uuid,
        kind -> Text,
        agency -> Text,
        state -> Text,
        /// Null once the tip is purged.
        tip_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        /// What a freeze asks for at most, in đồng: the reported amount.
        amount_vnd -> Nullable<Int8>,
        legal_basis -> Nullable<Text>,
        document_number -> Nullable<Text>,
        note -> Nullable<Text>,
        /// What the agency may see beside the request itself.
        disclose -> Array<Nullable<Text>>,
        created_by -> Text,
        created_at -> Timestamptz,
        /// The rule and what it is about, so that it proposes once; null where an officer drew it up.
        proposal -> Nullable<Text>,
        /// The freeze whose answer named the account that the money went on to.
        follows -> Nullable<Uuid>,
        /// Reception of the tip: from here the minutes are counted.
        reported_at -> Timestamptz,
        sent_by -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        /// When it is next to be called to mind.
        remind_at -> Nullable<Timestamptz>,
        reminders -> Int2,
        acknowledged_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        answer -> Nullable<Text>,
        /// What was frozen, in đồng.
        answer_amount_vnd -> Nullable<Int8>,
        /// Where the agency shows that it is done.
        evidence_url -> Nullable<Text>,
        /// How often removed content came back.
        reopened -> Int4,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Form 294: gapless within a year of Asia/Ho_Chi_Minh, in the order of the journal. A purged tip leaves its row, hence no foreign key.
    register (year, seq) {
        year -> Int2,
        seq -> Int4,
        tip_id -> Uuid,
        number -> Text,
        received_at -> Timestamptz,
        /// When the tip was deleted; the row stays.
        purged_at -> Nullable<Timestamptz>,
        /// Of a purged tip: who may still see the row.
        desk -> Nullable<Text>,
        /// Of a purged tip: who may still see the row.
        unit_code -> Nullable<Text>,
    }
}

diesel::table! {
    /// Keyed hashes of phone, e-mail and ID number: finds tips of one reporter without decrypting.
    reporter_blind_indexes (hash, tip_id) {
        hash -> Bytea,
        tip_id -> Uuid,
    }
}

diesel::table! {
    /// Who reported, each field sealed on its own; apart from the tip and never joined by a list.
    reporter_identities (tip_id) {
        tip_id -> Uuid,
        key_id -> Text,
        wrapped_key -> Bytea,
        /// Field name to base64 of nonce and ciphertext; sealed_as says for what.
        fields -> Jsonb,
        created_at -> Timestamptz,
        /// What is the associated data of a field: 1 the tip id alone, 2 the tip id and the name of the field.
        sealed_as -> Int2,
    }
}

diesel::table! {
    /// What came of a tip, as its reporter may read it behind the receipt.
    reporter_news (id) {
        id -> Uuid,
        tip_id -> Uuid,
        code -> Text,
        amount_vnd -> Nullable<Int8>,
        at -> Timestamptz,
        /// The officer who released it; null for the outcome of a freeze, which goes by itself.
        released_by -> Nullable<Text>,
        referral_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// One row: the rules in force and those that wait for a second administrator.
    retention (id) {
        id -> Bool,
        /// A list of {class, after_days, note}; after_days null keeps for ever.
        rules -> Jsonb,
        set_by -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        in_force_since -> Nullable<Timestamptz>,
        pending -> Nullable<Jsonb>,
        pending_by -> Nullable<Text>,
        pending_at -> Nullable<Timestamptz>,
        /// Moves with each proposal and each approval.
        version -> Int4,
        /// When a replica began the last run on schedule.
        ran_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Each reveal of a reporter's identity or of the sealed bytes, and each request for one.
    reveals (id) {
        id -> Uuid,
        tip_id -> Uuid,
        subject -> Text,
        /// As stated by the officer; what identifies the reporter is hidden in it.
        purpose -> Text,
        requested_by -> Text,
        requested_at -> Timestamptz,
        needs_approval -> Bool,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamptz>,
        /// Until when it may be approved, and then until when it may be used.
        expires_at -> Timestamptz,
        /// Which submission or file, where the subject is one; an approval opens no other.
        object_id -> Nullable<Uuid>,
        /// Who declined it; who asked, where it was taken back.
        declined_by -> Nullable<Text>,
        declined_at -> Nullable<Timestamptz>,
        /// As stated; what identifies the reporter is hidden in it.
        decline_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Tokens that ended before their time; kept until they would have.
    revoked_tokens (jti) {
        jti -> Text,
        revoked_by -> Text,
        revoked_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    /// What was sent, byte for byte, sealed under a key of its own (TT 28/2020 art. 5: no change of form or content).
    submissions (id) {
        id -> Uuid,
        tip_id -> Uuid,
        received_at -> Timestamptz,
        client_id -> Text,
        content_type -> Text,
        size -> Int4,
        /// SHA-256 over a random salt and the bytes; the salt is sealed with them and in the reporter's attestation.
        digest -> Bytea,
        key_id -> Text,
        /// The data key under the identity key key_id; destroyed on erasure, and the bytes with it.
        wrapped_key -> Nullable<Bytea>,
        sealed -> Nullable<Bytea>,
        /// What was sent with the reporter and masked spans withheld.
        body -> Jsonb,
        withheld -> Jsonb,
    }
}

diesel::table! {
    /// What was announced of the limits of tips, and when to look at them next.
    tip_announcements (tip_id) {
        tip_id -> Uuid,
        /// When a limit is near or over next; null while none runs.
        announce_at -> Nullable<Timestamptz>,
        /// Limits announced, by code: {due_at, over}.
        announced -> Jsonb,
    }
}

diesel::table! {
    /// Each decision with its reason; an undone one stays, marked.
    tip_decisions (id) {
        id -> Uuid,
        tip_id -> Uuid,
        decision -> Text,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        case_id -> Nullable<Uuid>,
        duplicate_of -> Nullable<Uuid>,
        agency -> Nullable<Text>,
        decided_by -> Text,
        decided_at -> Timestamptz,
        state_before -> Jsonb,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Edges only from tip to indicator, so that correlation stays linear.
    tip_indicators (tip_id, ordinal) {
        tip_id -> Uuid,
        ordinal -> Int2,
        kind -> Text,
        indicator_key -> Nullable<Bytea>,
        /// As written by the reporter; null where it was extracted and is in the narrative.
        raw -> Nullable<Text>,
        source -> Text,
        role -> Nullable<Text>,
        /// Why it could not be read; then there is no indicator.
        reason -> Nullable<Text>,
        attributes -> Jsonb,
        /// The submission or the referral that brought it later; null at reception.
        addition -> Nullable<Uuid>,
        /// The indicator that it was, until its figures have followed; then null, so that nothing tells the number.
        withdrawn_key -> Nullable<Bytea>,
        /// The submission by which the reporter named it as the own.
        withdrawn_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Two-way, without identity: the receipt is the address.
    tip_messages (id) {
        id -> Uuid,
        tip_id -> Uuid,
        from_reporter -> Bool,
        author -> Nullable<Text>,
        text -> Text,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Officers' notes; never shown to a reporter.
    tip_notes (id) {
        id -> Uuid,
        tip_id -> Uuid,
        author -> Text,
        text -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    /// Narrative, message and place of each tip, at most 10 s behind.
    tip_search (tip_id) {
        tip_id -> Uuid,
        document -> Tsvector,
        /// Read into words in a way that is not that of today's searches; the background work reads it again.
        stale -> Bool,
    }
}

diesel::table! {
    /// Where each tip stands: the one row that triage changes.
    tip_states (tip_id) {
        tip_id -> Uuid,
        received_at -> Timestamptz,
        status -> Text,
        desk -> Text,
        unit_code -> Nullable<Text>,
        method -> Nullable<Text>,
        /// The officer's labels; method is the reporter's.
        methods -> Array<Nullable<Text>>,
        source_kind -> Text,
        score -> Int2,
        level -> Text,
        reasons -> Jsonb,
        /// When the recovery window closes a step further.
        reprioritise_at -> Nullable<Timestamptz>,
        /// When it must be classified: 24 h after reception, or after it last came back (TTLT 01/2017 art. 8).
        due_at -> Nullable<Timestamptz>,
        claimed_by -> Nullable<Text>,
        lease_expires_at -> Nullable<Timestamptz>,
        case_id -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        classified_at -> Nullable<Timestamptz>,
        /// Moves with edits by people, not with a recomputed priority.
        version -> Int4,
        updated_at -> Timestamptz,
        test -> Bool,
        /// When the notice of reception was fetched by receipt, or an officer recorded how it was sent.
        reception_told_at -> Nullable<Timestamptz>,
        /// The same for the notice of the result.
        result_told_at -> Nullable<Timestamptz>,
        /// When the tip last went back to the queue; absent is received_at.
        unclaimed_since -> Nullable<Timestamptz>,
        /// When tip.unclaimed was last sent.
        unclaimed_told_at -> Nullable<Timestamptz>,
        /// When retention destroyed the identity; cleared when the reporter gives one again.
        anonymised_at -> Nullable<Timestamptz>,
        /// When somebody first took it up; a release does not clear it.
        first_claimed_at -> Nullable<Timestamptz>,
        /// The oldest tip of those with nearly the same text, where there are two or more.
        flood_id -> Nullable<Uuid>,
        /// Since when a granted request restricts its use: it is kept, and not used any more.
        restricted_at -> Nullable<Timestamptz>,
        /// Code of the commune whose desk received the tip; null where another desk did.
        commune -> Nullable<Text>,
        /// When the commune handed it over to a desk of the province.
        passed_on_at -> Nullable<Timestamptz>,
        /// When it had reached the police, where an officer entered it later; null where it came as it was entered.
        reached_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// MinHash of each narrative of some length, at most 10 s behind; trials and short texts have none.
    tip_texts (tip_id) {
        tip_id -> Uuid,
        /// 32 hashes of 4 bytes; the share of equal ones estimates how alike two texts are.
        signature -> Bytea,
        /// Three of the hashes together: texts that share a band are candidates.
        band_1 -> Int8,
        band_2 -> Int8,
        band_3 -> Int8,
        band_4 -> Int8,
        band_5 -> Int8,
    }
}

diesel::table! {
    /// Files and additions of reporters that no officer has seen, of tips that an officer had opened.
    tip_unread (id) {
        /// Id of the file or of the submission.
        id -> Uuid,
        tip_id -> Uuid,
        kind -> Text,
        /// When it came.
        at -> Timestamptz,
    }
}

diesel::table! {
    /// What was told, as officers work with it. The bytes that came are in submissions.
    tips (id) {
        id -> Uuid,
        received_at -> Timestamptz,
        client_id -> Text,
        /// sub of the device token the tip came with.
        device_id -> Nullable<Text>,
        test -> Bool,
        anonymous -> Bool,
        method -> Nullable<Text>,
        channel -> Nullable<Text>,
        language -> Nullable<Text>,
        /// Secrets that the reporter should not have typed are masked; else as sent.
        narrative -> Nullable<Text>,
        raw_message -> Nullable<Text>,
        occurred_at -> Nullable<Timestamptz>,
        written_at -> Nullable<Timestamptz>,
        unit_code -> Nullable<Text>,
        place -> Nullable<Text>,
        in_danger_now -> Bool,
        attachments_announced -> Int2,
        /// Sum of the losses, in đồng.
        loss_vnd -> Int8,
        last_transfer_at -> Nullable<Timestamptz>,
        /// Losses, victim, reception, suspects, witnesses, warnings as shown; never the reporter.
        details -> Jsonb,
    }
}

diesel::table! {
    /// Each result that the reporter of a tip was told, as it was then.
    told_results (tip_id, since) {
        tip_id -> Uuid,
        /// Since when it was owed.
        since -> Timestamptz,
        /// When it was fetched by receipt, or sent otherwise; the first time counts.
        told_at -> Timestamptz,
        /// Status of the tip that it told of.
        status -> Text,
        /// The decision of the case, where it was one.
        case_state -> Nullable<Text>,
        /// Class of the reason of a dismissal.
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Pieces of files; the object of the same id holds the sealed bytes.
    upload_parts (id) {
        id -> Uuid,
        upload_id -> Uuid,
        start -> Int8,
        size -> Int8,
        key_id -> Text,
        wrapped_key -> Bytea,
    }
}

diesel::table! {
    /// Files of tips that are coming in pieces.
    uploads (id) {
        id -> Uuid,
        tip_id -> Uuid,
        /// Which officer sends it; null for the reporter.
        added_by -> Nullable<Text>,
        length -> Int8,
        received -> Int8,
        /// The file that it became.
        attachment_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    /// One event for one webhook, kept 30 days.
    webhook_deliveries (id) {
        id -> Uuid,
        webhook_id -> Uuid,
        /// Id of the journal entry, sent as webhook-id.
        event_id -> Uuid,
        event -> Text,
        /// What the event is about: the order of events holds within it.
        subject -> Text,
        /// Position in the journal; 0 for a test.
        position -> Int8,
        /// The CloudEvent, byte for byte as it is signed and sent.
        body -> Text,
        state -> Text,
        attempts -> Int4,
        first_attempt_at -> Nullable<Timestamptz>,
        last_attempt_at -> Nullable<Timestamptz>,
        /// For people; the lane's due_at decides.
        next_attempt_at -> Nullable<Timestamptz>,
        response_code -> Nullable<Int2>,
        error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// A subject of a webhook that has pending deliveries. Only the first of them is ever sent, by whoever holds the lease.
    webhook_lanes (webhook_id, subject) {
        webhook_id -> Uuid,
        subject -> Text,
        /// When the first delivery may be tried; while leased, when the lease is over.
        due_at -> Timestamptz,
        /// Token of the replica that sends; an attempt that ends after its lease changes nothing.
        lease -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Receivers of events.
    webhooks (id) {
        id -> Uuid,
        /// Confines what it receives; absent is the provincial police.
        agency -> Nullable<Text>,
        url -> Text,
        events -> Array<Nullable<Text>>,
        enabled -> Bool,
        /// gone: the receiver answered 410; client_disabled: its client was disabled; tokens_ended: all tokens of whoever made it were.
        disabled_reason -> Nullable<Text>,
        /// Sealed; the id is the associated data. Shown once, when it is made.
        secret -> Bytea,
        /// Signs beside the new one until previous_secret_until.
        previous_secret -> Nullable<Bytea>,
        previous_secret_until -> Nullable<Timestamptz>,
        created_by -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        /// Client that registered it or enabled it last; absent where that was not recorded.
        client_id -> Nullable<Text>,
    }
}

diesel::joinable!(advisory_revisions -> advisories (advisory_id));
diesel::joinable!(attachment_custody -> attachments (attachment_id));
diesel::joinable!(attachments -> tips (tip_id));
diesel::joinable!(border_traces -> indicators (indicator_key));
diesel::joinable!(border_traces -> tips (tip_id));
diesel::joinable!(border_words -> tips (tip_id));
diesel::joinable!(case_acts -> cases (case_id));
diesel::joinable!(case_holds -> cases (case_id));
diesel::joinable!(case_members -> tips (tip_id));
diesel::joinable!(case_notes -> cases (case_id));
diesel::joinable!(first_classifications -> tips (tip_id));
diesel::joinable!(freeze_counts -> referrals (referral_id));
diesel::joinable!(indicator_figures -> indicators (key));
diesel::joinable!(indicator_public -> indicators (key));
diesel::joinable!(indicator_reporters -> indicators (key));
diesel::joinable!(indicator_verdicts -> indicators (key));
diesel::joinable!(potential_victim_grounds -> tips (tip_id));
diesel::joinable!(privacy_requests -> tips (tip_id));
diesel::joinable!(process_notices -> tips (tip_id));
diesel::joinable!(receipts -> tips (tip_id));
diesel::joinable!(referral_indicators -> indicators (indicator_key));
diesel::joinable!(referral_indicators -> referrals (referral_id));
diesel::joinable!(referral_lapses -> referrals (referral_id));
diesel::joinable!(referral_messages -> referrals (referral_id));
diesel::joinable!(referral_recorded_answers -> referrals (referral_id));
diesel::joinable!(referrals -> cases (case_id));
diesel::joinable!(referrals -> tips (tip_id));
diesel::joinable!(reporter_blind_indexes -> reporter_identities (tip_id));
diesel::joinable!(reporter_identities -> tips (tip_id));
diesel::joinable!(reporter_news -> referrals (referral_id));
diesel::joinable!(reporter_news -> tips (tip_id));
diesel::joinable!(reveals -> tips (tip_id));
diesel::joinable!(submissions -> tips (tip_id));
diesel::joinable!(tip_announcements -> tips (tip_id));
diesel::joinable!(tip_decisions -> cases (case_id));
diesel::joinable!(tip_indicators -> indicators (indicator_key));
diesel::joinable!(tip_indicators -> tips (tip_id));
diesel::joinable!(tip_messages -> tips (tip_id));
diesel::joinable!(tip_notes -> tips (tip_id));
diesel::joinable!(tip_search -> tips (tip_id));
diesel::joinable!(tip_states -> cases (case_id));
diesel::joinable!(tip_states -> tips (tip_id));
diesel::joinable!(tip_texts -> tips (tip_id));
diesel::joinable!(tip_unread -> tips (tip_id));
diesel::joinable!(told_results -> tips (tip_id));
diesel::joinable!(upload_parts -> uploads (upload_id));
diesel::joinable!(uploads -> attachments (attachment_id));
diesel::joinable!(uploads -> tips (tip_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(webhook_lanes -> webhooks (webhook_id));

diesel::allow_tables_to_appear_in_same_query!(
    advisories,
    advisory_revisions,
    attachment_custody,
    attachments,
    audited_tokens,
    border_traces,
    border_words,
    campaigns,
    case_acts,
    case_holds,
    case_members,
    case_notes,
    cases,
    clients,
    device_renewals,
    ended_bearers,
    evidence_objects,
    first_classifications,
    freeze_counts,
    idempotency_keys,
    indicator_appeals,
    indicator_figures,
    indicator_public,
    indicator_reporters,
    indicator_verdicts,
    indicators,
    journal,
    journal_checkpoints,
    journal_consumers,
    journal_pending,
    key_checks,
    number_counters,
    open_tip_changes,
    open_tip_counts,
    potential_victim_grounds,
    privacy_requests,
    process_notices,
    public_figures,
    receipt_ends,
    receipts,
    reference_documents,
    referral_indicators,
    referral_lapses,
    referral_messages,
    referral_recorded_answers,
    referral_renewals,
    referrals,
    register,
    reporter_blind_indexes,
    reporter_identities,
    reporter_news,
    retention,
    reveals,
    revoked_tokens,
    submissions,
    tip_announcements,
    tip_decisions,
    tip_indicators,
    tip_messages,
    tip_notes,
    tip_search,
    tip_states,
    tip_texts,
    tip_unread,
    tips,
    told_results,
    upload_parts,
    uploads,
    webhook_deliveries,
    webhook_lanes,
    webhooks,
);
