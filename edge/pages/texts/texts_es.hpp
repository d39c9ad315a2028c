// The texts of the pages in Spanish.
#pragma once
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

inline constexpr PageTexts texts_es{
    .language = "es",
    .group_mark = ".",
    .decimal_mark = ",",
    .merchant = "el comercio",
    .test_note = "Prueba: sin dinero real",
    .pay_title = "Pagar {{amount}} sats",
    .qr_label = "Factura de {{amount}} sats",
    .expires_at = "Válida hasta",
    .expires_in = "Caduca en",
    .over = "Caducada",
    .waiting = "Esperando el pago",
    .open_wallet = "Abrir en una cartera",
    .browser_wallet = "Pagar con la cartera del navegador",
    .copy = "Copiar la factura",
    .copied = "Copiada",
    .selected = "Seleccionada. Cópiela desde aquí.",
    .wallets = "Elegir una cartera",
    .invoice_text = "La factura como texto",
    .sent = "Enviado. Esperando su llegada.",
    .unpaid = "La cartera no ha pagado:",
    .sandbox_pay = "Pagar desde el entorno de pruebas",
    .check = "Comprobar el pago",
    .cancel = "Cancelar y volver",
    .paid_title = "Pagado",
    .paid_text = "Han llegado {{settled}} sats. Gracias.",
    .underpaid_title = "Pagado en parte",
    .underpaid_text = "Solo han llegado {{settled}} de {{amount}} sats.",
    .underpaid_advice =
        "No vuelva a pagar esta factura. Contacte con {{merchant}} e indique la referencia: el importe se puede completar o "
        "devolver.",
    .late_title = "Pagado demasiado tarde",
    .late_text = "{{settled}} sats llegaron después de que caducara esta factura.",
    .late_advice =
        "No vuelva a pagar por ahora. Contacte con {{merchant}} e indique la referencia: el pago se puede aceptar o devolver.",
    .canceled_title = "Cancelado",
    .canceled_text = "Este pago fue cancelado. No pague su factura.",
    .expired_title = "Caducada",
    .expired_text = "Esta factura ha caducado. No la pague.",
    .ask_advice = "Contacte con {{merchant}} para obtener una nueva factura.",
    .new_invoice = "Obtener una nueva factura",
    .go_on = "Continuar",
    .going_on = "Continúa en {n} s",
    .stay = "Quedarse en esta página",
    .back = "Volver",
    .print = "Imprimir el recibo",
    .due_label = "Importe",
    .amount_label = "Recibido",
    .payee_label = "Pagado a",
    .purpose_label = "Concepto",
    .date_label = "Fecha",
    .reference_label = "Referencia",
    .hash_label = "Hash del pago",
    .missing_title = "No hay nada aquí",
    .missing_text = "Este enlace no corresponde a ningún pago. Compruebe que se copió completo.",
    .later_title = "Un momento",
    .reloading = "Esta página se recarga en {n} s.",
    .reload = "Recargar ahora",
};

}  // namespace lntpay
