// The texts of the pages in French.
#pragma once
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

inline constexpr PageTexts texts_fr{
    .language = "fr",
    .group_mark = "\u202f",
    .decimal_mark = ",",
    .unit = "sats",
    .merchant = "le commerçant",
    .test_note = "Test : sans argent réel",
    .pay_title = "Payer {{amount}} sats",
    .any_amount = "Montant libre",
    .qr_label = "Facture de {{amount}} sats",
    .expires_at = "Valable jusqu’au",
    .expires_in = "Expire dans",
    .over = "Expirée",
    .waiting = "En attente du paiement",
    .open_wallet = "Ouvrir dans un portefeuille",
    .browser_wallet = "Payer avec le portefeuille du navigateur",
    .copy = "Copier la facture",
    .copied = "Copiée",
    .selected = "Sélectionnée. Copiez-la ici.",
    .wallets = "Choisir un portefeuille",
    .invoice_text = "La facture sous forme de texte",
    .sent = "Envoyé. En attente de réception.",
    .unpaid = "Le portefeuille n’a pas payé :",
    .sandbox_pay = "Payer depuis le bac à sable",
    .check = "Vérifier le paiement",
    .cancel = "Annuler et revenir",
    .paid_title = "Payé",
    .paid_text = "{{settled}} sats ont été reçus. Merci.",
    .underpaid_title = "Paiement partiel",
    .underpaid_text = "Seulement {{settled}} sats sur {{amount}} ont été reçus.",
    .underpaid_advice =
        "Ne payez pas cette facture une seconde fois. Contactez {{merchant}} et indiquez la référence : le montant peut être "
        "complété ou remboursé.",
    .late_title = "Paiement tardif",
    .late_text = "{{settled}} sats ont été reçus après l’expiration de cette facture.",
    .late_advice =
        "Ne payez pas à nouveau pour l’instant. Contactez {{merchant}} et indiquez la référence : le paiement peut être accepté ou "
        "remboursé.",
    .canceled_title = "Annulé",
    .canceled_text = "Ce paiement a été annulé. Ne payez pas la facture.",
    .expired_title = "Expirée",
    .expired_text = "Cette facture a expiré. Ne la payez pas.",
    .ask_advice = "Contactez {{merchant}} pour obtenir une nouvelle facture.",
    .new_invoice = "Obtenir une nouvelle facture",
    .go_on = "Continuer",
    .going_on = "Suite dans {n} s",
    .stay = "Rester sur cette page",
    .back = "Retour",
    .print = "Imprimer le reçu",
    .due_label = "Montant dû",
    .amount_label = "Reçu",
    .payee_label = "Bénéficiaire",
    .purpose_label = "Objet",
    .date_label = "Date",
    .reference_label = "Référence",
    .hash_label = "Hash du paiement",
    .missing_title = "Introuvable",
    .missing_text = "Ce lien ne correspond à aucun paiement. Vérifiez qu’il a été copié en entier.",
    .later_title = "Un instant",
    .busy_text = "Une requête avec ce paiement est en cours de traitement.",
    .too_many_text = "Trop de requêtes proviennent de votre réseau en ce moment.",
    .later_text = "Le service n’est pas disponible pour le moment.",
    .reloading = "Cette page sera rechargée dans {n} s.",
    .reload = "Recharger maintenant",
};

}  // namespace lntpay
