// The texts of the pages in Portuguese.
#pragma once
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

inline constexpr PageTexts texts_pt{
    .language = "pt",
    .group_mark = ".",
    .decimal_mark = ",",
    .merchant = "o comerciante",
    .test_note = "Teste: sem dinheiro real",
    .pay_title = "Pagar {{amount}} sats",
    .qr_label = "Fatura de {{amount}} sats",
    .expires_at = "Válida até",
    .expires_in = "Expira em",
    .over = "Expirada",
    .waiting = "Aguardando o pagamento",
    .open_wallet = "Abrir em uma carteira",
    .browser_wallet = "Pagar com a carteira do navegador",
    .copy = "Copiar a fatura",
    .copied = "Copiada",
    .selected = "Selecionada. Copie a partir daqui.",
    .wallets = "Escolher uma carteira",
    .invoice_text = "A fatura como texto",
    .sent = "Enviado. Aguardando a chegada.",
    .unpaid = "A carteira não pagou:",
    .sandbox_pay = "Pagar a partir da sandbox",
    .check = "Verificar o pagamento",
    .cancel = "Cancelar e voltar",
    .paid_title = "Pago",
    .paid_text = "{{settled}} sats chegaram. Obrigado.",
    .underpaid_title = "Pago em parte",
    .underpaid_text = "Chegaram apenas {{settled}} de {{amount}} sats.",
    .underpaid_advice =
        "Não pague esta fatura de novo. Contacte {{merchant}} e informe a referência: o valor pode ser completado ou "
        "devolvido.",
    .late_title = "Pago tarde demais",
    .late_text = "{{settled}} sats chegaram depois de esta fatura expirar.",
    .late_advice =
        "Não pague de novo por enquanto. Contacte {{merchant}} e informe a referência: o pagamento pode ser aceito ou devolvido.",
    .canceled_title = "Cancelado",
    .canceled_text = "Este pagamento foi cancelado. Não pague a fatura.",
    .expired_title = "Expirada",
    .expired_text = "Esta fatura expirou. Não a pague.",
    .ask_advice = "Contacte {{merchant}} para obter uma nova fatura.",
    .new_invoice = "Obter uma nova fatura",
    .go_on = "Continuar",
    .going_on = "Continua em {n} s",
    .stay = "Ficar nesta página",
    .back = "Voltar",
    .print = "Imprimir o recibo",
    .due_label = "Valor",
    .amount_label = "Recebido",
    .payee_label = "Pago a",
    .purpose_label = "Descrição",
    .date_label = "Data",
    .reference_label = "Referência",
    .hash_label = "Hash do pagamento",
    .missing_title = "Não há nada aqui",
    .missing_text = "Este link não pertence a nenhum pagamento. Verifique se foi copiado por completo.",
    .later_title = "Um momento",
    .reloading = "Esta página recarrega em {n} s.",
    .reload = "Recarregar agora",
};

}  // namespace lntpay
