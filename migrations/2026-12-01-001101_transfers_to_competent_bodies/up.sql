-- The border guard and the procuracy receive tips as well (BLTTHS art. 145(2)): what is transferred reaches them as a
-- referral. A list that was loaded before learns it too.
update reference_documents
set document = jsonb_set(document, '{agencies}', (
        select jsonb_agg(case
            when a ->> 'code' in ('border_guard', 'procuracy') and not a -> 'referral_kinds' ? 'transfer_jurisdiction'
                then jsonb_set(a, '{referral_kinds}', a -> 'referral_kinds' || '["transfer_jurisdiction"]')
            else a end order by n)
        from jsonb_array_elements(document -> 'agencies') with ordinality as all_of (a, n))),
    version = version + 1
where name = 'agencies' and exists (
    select from jsonb_array_elements(document -> 'agencies') a
    where a ->> 'code' in ('border_guard', 'procuracy') and not a -> 'referral_kinds' ? 'transfer_jurisdiction');
