-- Few give a name and no way to reach them: the desk asks for these, and must not look at every identity to find them.
create index reporter_identities_no_contact on reporter_identities (tip_id)
    where not fields ?| array['phone', 'email', 'address'];
comment on index reporter_identities_no_contact is 'Reporters who gave an identity, but no number and no address.';
