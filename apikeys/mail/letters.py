"""The texts of outgoing mail, in Persian and English. Names are kept out of subjects, addresses out of texts."""

from dataclasses import dataclass, field

_RULE = "\n\n" + "-" * 40 + "\n\n"


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str = field(repr=False)  # may hold a code


def confirm(base_url: str, code: str) -> Letter:
    return Letter(
        "Public GSB: نشانی خود را تأیید کنید / confirm your address",
        _both(
            "کلید شما همین حالا کار می‌کند. برای تأیید این نشانی، تا هفت روز این فرمان را اجرا کنید:",
            "Your key works already. To confirm this address, run this within seven days:",
            _post(base_url, "/api/v1/confirm", f'{{"code":"{code}"}}'),
            "اگر شما ثبت‌نام نکرده‌اید، این نامه را نادیده بگیرید.",
            "If you did not register, ignore this mail.",
        ),
    )


def invite(base_url: str, code: str, organisation: str, role: str) -> Letter:
    return Letter(
        "Public GSB: دعوت به یک سازمان / an invitation",
        _both(
            f"شما به سازمان «{organisation}» دعوت شده‌اید. برای پذیرفتن، تا هفت روز این فرمان را اجرا کنید:",
            f"You are invited to the organisation “{organisation}” as {role}. To accept, run this within seven days:",
            _post(base_url, "/api/v1/invitations/accept", f'{{"code":"{code}","name":"…"}}'),
            "پاسخ، نشان شما را یک بار نشان می‌دهد.",
            "The answer shows your token, once.",
        ),
    )


def renew(base_url: str, code: str, organisation: str) -> Letter:
    return Letter(
        "Public GSB: نشان تازه / a new owner token",
        _both(
            f"برای گرفتن نشان تازهٔ سازمان «{organisation}»، تا یک ساعت این فرمان را اجرا کنید:",
            f"To get a new token for the organisation “{organisation}”, run this within an hour:",
            _post(base_url, "/api/v1/owner-token", f'{{"code":"{code}"}}'),
            "نشان پیشین از کار می‌افتد. اگر شما نخواسته‌اید، این نامه را نادیده بگیرید.",
            "The earlier token ends with it. If you did not ask for it, ignore this mail.",
        ),
    )


def exposed(base_url: str, key_id: str, label: str) -> Letter:
    return Letter(
        f"Public GSB: کلید {key_id} پایان یافت / key {key_id} was ended",
        _both(
            f"کسی کلید کامل «{label}» ({key_id}) را به ما نشان داد؛ پس لو رفته بود و همان دم پایان یافت. "
            "کلید تازه با نشان سازمان:",
            f"Somebody showed us the whole key “{label}” ({key_id}), so it had leaked, and it was ended at once. "
            "A new key, with your owner token:",
            f"curl -s -X POST {base_url}/api/v1/keys -H 'Authorization: Bearer …'",
            "جایی را که کلید در آن بود پیدا کنید: gsb key scan",
            "Find where it stood: gsb key scan",
        ),
    )


def _post(base_url: str, path: str, body: str) -> str:
    return f"curl -s {base_url}{path} -H 'Content-Type: application/json' --data '{body}'"


def _both(fa: str, en: str, command: str, fa_after: str, en_after: str) -> str:
    return f"{fa}\n\n{command}\n\n{fa_after}{_RULE}{en}\n\n{command}\n\n{en_after}\n"
