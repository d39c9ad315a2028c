# The layers of core, lowest first (docs/architecture.md has the picture). A layer sees itself and the layers that it is ABOVE, directly
# or through others; an include of any other folder finds no file.
set(LNTPAY_CORE_LAYERS)
function(lntpay_layer folder)
  cmake_parse_arguments(arg "" "" "ABOVE;LINK" ${ARGN})
  get_filename_component(name ${folder} NAME)
  list(TRANSFORM arg_ABOVE PREPEND lntpay_core_)
  lntpay_library(lntpay_core_${name} GUEST FOLDERS core/${folder} LINK ${arg_ABOVE} ${arg_LINK})
  set(LNTPAY_CORE_LAYERS ${LNTPAY_CORE_LAYERS} lntpay_core_${name} PARENT_SCOPE)
endfunction()

lntpay_layer(base LINK lntpay_json)
lntpay_layer(crypto ABOVE base LINK lntpay_secp256k1 lntpay_mbedtls)
lntpay_layer(storage ABOVE crypto)
lntpay_layer(tenant ABOVE storage)
lntpay_layer(request ABOVE tenant)
lntpay_layer(event ABOVE tenant)
lntpay_layer(ledger ABOVE event)
lntpay_layer(access ABOVE request ledger)
lntpay_layer(lightning/bolt11 ABOVE crypto)
lntpay_layer(lightning/node ABOVE bolt11 request)
lntpay_layer(webhook ABOVE request ledger)
lntpay_layer(charge ABOVE node ledger)
lntpay_layer(withdrawal ABOVE node access)
lntpay_layer(gate ABOVE charge)
lntpay_layer(operations ABOVE gate withdrawal webhook)

# What edge links: all that the engine needs.
add_library(lntpay_core INTERFACE)
target_link_libraries(lntpay_core INTERFACE ${LNTPAY_CORE_LAYERS})

lntpay_layer(store_check ABOVE operations)
