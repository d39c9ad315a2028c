// The texts of the pages in German.
#pragma once
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

inline constexpr PageTexts texts_de{
    .language = "de",
    .group_mark = ".",
    .decimal_mark = ",",
    .unit = "Sats",
    .merchant = "den Händler",
    .test_note = "Test: kein echtes Geld",
    .pay_title = "{{amount}} Sats bezahlen",
    .any_amount = "Betrag nach Wahl",
    .qr_label = "Rechnung über {{amount}} Sats",
    .expires_at = "Gültig bis zum",
    .expires_in = "Läuft ab in",
    .over = "Abgelaufen",
    .waiting = "Warten auf die Zahlung",
    .open_wallet = "In einer Wallet öffnen",
    .browser_wallet = "Mit der Wallet im Browser bezahlen",
    .copy = "Rechnung kopieren",
    .copied = "Kopiert",
    .selected = "Markiert. Bitte hier kopieren.",
    .wallets = "Wallet auswählen",
    .invoice_text = "Rechnung als Text",
    .sent = "Gesendet. Warten auf den Zahlungseingang.",
    .unpaid = "Die Wallet hat nicht bezahlt:",
    .sandbox_pay = "Aus der Sandbox bezahlen",
    .check = "Zahlung prüfen",
    .cancel = "Abbrechen und zurückkehren",
    .paid_title = "Bezahlt",
    .paid_text = "{{settled}} Sats sind eingegangen. Vielen Dank.",
    .underpaid_title = "Teilweise bezahlt",
    .underpaid_text = "Nur {{settled}} von {{amount}} Sats sind eingegangen.",
    .underpaid_advice =
        "Bezahlen Sie diese Rechnung nicht noch einmal. Kontaktieren Sie {{merchant}} und nennen Sie die Referenz: Der Betrag "
        "kann ergänzt oder erstattet werden.",
    .late_title = "Zu spät bezahlt",
    .late_text = "{{settled}} Sats sind erst nach Ablauf der Rechnung eingegangen.",
    .late_advice =
        "Bezahlen Sie vorerst nicht erneut. Kontaktieren Sie {{merchant}} und nennen Sie die Referenz: Die Zahlung kann "
        "angenommen oder erstattet werden.",
    .canceled_title = "Abgebrochen",
    .canceled_text = "Diese Zahlung wurde abgebrochen. Bezahlen Sie die Rechnung nicht mehr.",
    .expired_title = "Abgelaufen",
    .expired_text = "Diese Rechnung ist abgelaufen. Bezahlen Sie sie nicht mehr.",
    .ask_advice = "Bitten Sie {{merchant}} um eine neue Rechnung.",
    .new_invoice = "Neue Rechnung anfordern",
    .go_on = "Weiter",
    .going_on = "Weiter in {n} s",
    .stay = "Auf dieser Seite bleiben",
    .back = "Zurück",
    .print = "Beleg drucken",
    .due_label = "Rechnungsbetrag",
    .amount_label = "Eingegangen",
    .payee_label = "Empfänger",
    .purpose_label = "Zweck",
    .date_label = "Datum",
    .reference_label = "Referenz",
    .hash_label = "Payment-Hash",
    .missing_title = "Nicht gefunden",
    .missing_text = "Zu diesem Link gibt es keine Zahlung. Prüfen Sie, ob er vollständig kopiert wurde.",
    .later_title = "Einen Moment bitte",
    .busy_text = "Eine Anfrage mit dieser Zahlung wird gerade bearbeitet.",
    .too_many_text = "Aus Ihrem Netz kommen im Moment zu viele Anfragen.",
    .later_text = "Der Dienst ist im Moment nicht erreichbar.",
    .reloading = "Diese Seite wird in {n} s neu geladen.",
    .reload = "Jetzt neu laden",
};

}  // namespace lntpay
