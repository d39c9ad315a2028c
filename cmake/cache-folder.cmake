# `default_cache`: the folder into which cmake/setup.sh unpacks third-party code.
if(DEFINED ENV{LNTPAY_CACHE})
  set(default_cache $ENV{LNTPAY_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(default_cache $ENV{XDG_CACHE_HOME}/lntpay)
else()
  set(default_cache $ENV{HOME}/.cache/lntpay)
endif()
