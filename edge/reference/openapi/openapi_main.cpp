// openapi VERSION FILE: writes the OpenAPI document.
#include <cstdio>

#include "edge/reference/openapi/document.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto text = lntpay::openapi::document(argv[1], lntpay::openapi::record_examples()).dump() + "\n";
  std::FILE* file = std::fopen(argv[2], "wb");
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) {
    std::fprintf(stderr, "openapi: cannot write %s\n", argv[2]);
    return 1;
  }
}
