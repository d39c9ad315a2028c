// The `lntpay` program.
#include "host-adapters/server/cli/program.hpp"

/// jemalloc(3): free memory is returned to the system after a second, also while the process is idle.
extern "C" const char* const malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

int main(int argc, char** argv) { return lntpay::host::run_program(argc, argv); }
