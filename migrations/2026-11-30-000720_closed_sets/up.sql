-- The database refuses a state or an act that the legal process does not know, as it does for all other codes.
alter table cases add constraint cases_state_known check (state in (
        'accepted', 'assigned', 'verifying', 'extended', 'extended_by_vks', 'suspended', 'resumed',
        'decided_prosecute', 'decided_no_prosecution', 'transferred_out', 'closed', 'archived'));
alter table case_acts add constraint case_acts_act_known check (act in (
        'classified', 'accepted', 'dismissed', 'no_competence_found', 'transferred_out',
        'passed_on_by_commune', 'received_by_procuracy', 'forwarded_by_procuracy',
        'procuracy_told_of_reception', 'reporter_told_of_reception', 'assigned',
        'assignment_sent_to_procuracy', 'prosecutor_assigned', 'investigator_reported', 'extended',
        'extension_asked', 'extended_by_procuracy', 'extension_refused', 'prosecuted',
        'not_prosecuted', 'administrative_offence', 'suspended', 'resumed',
        'decision_sent_to_procuracy', 'suspension_sent_to_reporter', 'reporter_told_result',
        'resumption_told', 'administrative_file_sent', 'procuracy_demanded', 'demand_met',
        'file_demanded', 'file_handed_over', 'border_guard_prosecuted', 'border_guard_handed_over',
        'closed'));

-- An upload names a file that there is, and goes with it.
delete from uploads u
where attachment_id is not null and not exists (select from attachments a where a.id = u.attachment_id);
create unique index uploads_attachment on uploads (attachment_id) where attachment_id is not null;
alter table uploads add constraint uploads_attachment_fkey
    foreign key (attachment_id) references attachments (id) on delete cascade;
