// The texts of the pages in French.
#pragma once
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

inline constexpr PageTexts texts_fr{
    .language = "fr",
    .group_mark = "\u202f",
    .decimal_mark = ",",
    .merchant = "le marchand",
    .test_note = "Test : sans argent réel",
    .pay_title = "Payer {{amount}} sats",
    .qr_label = "Facture de {{amount}} sats",
    .expires_at = "Valable jusqu’au",
    .expires_in = "Expire dans",
    .over = "Expirée",
    .waiting = "En attente du paiement",
    .open_wallet = "Ouvrir dans un portefeuille",
    .browser_wallet = "Payer avec le portefeuille du navigateur",
    .copy = "Copier la facture",
    .copied = "Copiée",
    .selected = "Sélectionnée. Copiez-la d’ici.",
    .wallets = "Choisir un portefeuille",
    .invoice_text = "La facture en texte",
    .sent = "Envoyé. En attente de réception.",
    .unpaid = "Le portefeuille n’a pas payé :",
    .sandbox_pay = "Payer depuis le bac à sable",
    .check = "Vérifier le paiement",
    .cancel = "Annuler et revenir",
    .paid_title = "Payé",
    .paid_text = "{{settled}} sats sont arrivés. Merci.",
    .underpaid_title = "Payé en partie",
    .underpaid_text = "Seuls {{settled}} sats sur {{amount}} sont arrivés.",
    .underpaid_advice =
        "Ne payez pas cette facture une seconde fois. Contactez {{merchant}} et indiquez la référence : le montant peut être "
        "complété ou remboursé.",
    .late_title = "Payé trop tard",
    .late_text = "{{settled}} sats sont arrivés après l’expiration de cette facture.",
    .late_advice =
        "Ne payez pas de nouveau pour l’instant. Contactez {{merchant}} et indiquez la référence : le paiement peut être accepté "
        "ou "
        "remboursé.",
    .canceled_title = "Annulé",
    .canceled_text = "Ce paiement a été annulé. Ne payez pas sa facture.",
    .expired_title = "Expirée",
    .expired_text = "Cette facture a expiré. Ne la payez pas.",
    .ask_advice = "Contactez {{merchant}} pour obtenir une nouvelle facture.",
    .new_invoice = "Obtenir une nouvelle facture",
    .go_on = "Continuer",
    .going_on = "Suite dans {n} s",
    .stay = "Rester sur cette page",
    .back = "Retour",
    .print = "Imprimer le reçu",
    .due_label = "Montant",
    .amount_label = "Reçu",
    .payee_label = "Payé à",
    .purpose_label = "Objet",
    .date_label = "Date",
    .reference_label = "Référence",
    .hash_label = "Hash du paiement",
    .missing_title = "Rien ici",
    .missing_text = "Ce lien ne correspond à aucun paiement. Vérifiez qu’il a été copié en entier.",
    .later_title = "Un instant",
    .reloading = "Cette page se recharge dans {n} s.",
    .reload = "Recharger",
};

}  // namespace lntpay
