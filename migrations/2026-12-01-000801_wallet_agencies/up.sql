-- Wallets that no BIN names are asked to freeze as well. A list that was loaded before gets them beside what is there;
-- of these nothing is known but the names, so they have no contacts until an administrator enters checked ones.
update reference_documents d
set document = jsonb_set(d.document, '{agencies}', (d.document -> 'agencies') || added.rows),
    version = d.version + 1
from (
    select jsonb_agg(a order by n) as rows
    from jsonb_array_elements('[
    {
        "code": "wallet_zalopay",
        "kind": "bank",
        "name_vi": "ZaloPay",
        "name_en": "ZaloPay",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: vietnam-qr-pay",
        "expected_hours": 1
    },
    {
        "code": "wallet_vnpay",
        "kind": "bank",
        "name_vi": "Ví VNPAY",
        "name_en": "VNPAY wallet",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: vietnam-qr-pay",
        "expected_hours": 1
    },
    {
        "code": "wallet_shopeepay",
        "kind": "bank",
        "name_vi": "ShopeePay",
        "name_en": "ShopeePay",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: own knowledge",
        "expected_hours": 1
    },
    {
        "code": "wallet_mobifone_money",
        "kind": "bank",
        "name_vi": "MobiFone Money",
        "name_en": "MobiFone Money",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: own knowledge",
        "expected_hours": 1
    },
    {
        "code": "wallet_smartpay",
        "kind": "bank",
        "name_vi": "SmartPay",
        "name_en": "SmartPay",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: own knowledge",
        "expected_hours": 1
    },
    {
        "code": "wallet_payoo",
        "kind": "bank",
        "name_vi": "Payoo",
        "name_en": "Payoo",
        "referral_kinds": [
            "freeze_funds"
        ],
        "source": "banks.json, wallets: own knowledge",
        "expected_hours": 1
    }
]'::jsonb) with ordinality as new (a, n)
    where not exists (
        select from reference_documents r, jsonb_array_elements(r.document -> 'agencies') old
        where r.name = 'agencies' and old ->> 'code' = a ->> 'code')) added
where d.name = 'agencies' and jsonb_typeof(d.document -> 'agencies') = 'array' and added.rows is not null;
