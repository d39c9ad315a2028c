// QR codes by Nayuki's generator, drawn as runs of modules.
#include "edge/pages/qr.hpp"

#include <qrcodegen.h>

#include <array>

#include "edge/pages/html.hpp"

namespace lntpay {
namespace {

constexpr int quiet_zone = 4;

using Code = std::array<std::uint8_t, qrcodegen_BUFFER_LEN_MAX>;

/// "M4 4h7v1h-7z": a run of dark modules.
void draw_run(std::string& path, int x, int y, int length) {
  const auto run = std::to_string(length);
  path.append("M").append(std::to_string(x + quiet_zone)).append(" ").append(std::to_string(y + quiet_zone));
  path.append("h").append(run).append("v1h-").append(run).append("z");
}

std::string path_of(const Code& code, int size) {
  std::string path;
  for (int y = 0; y < size; ++y) {
    int length = 0;
    for (int x = 0; x <= size; ++x) {
      if (x < size && qrcodegen_getModule(code.data(), x, y)) {
        ++length;
      } else if (length > 0) {
        draw_run(path, x - length, y, std::exchange(length, 0));
      }
    }
  }
  return path;
}

}  // namespace

std::optional<std::string> qr_svg(std::string_view text, std::string_view label) {
  Code code{};
  Code scratch{};
  const bool fits = qrcodegen_encodeText(std::string(text).c_str(), scratch.data(), code.data(), qrcodegen_Ecc_LOW,
                                         qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX, qrcodegen_Mask_AUTO, true);
  if (!fits) return std::nullopt;
  const int size = qrcodegen_getSize(code.data());
  const auto side = std::to_string(size + 2 * quiet_zone);
  return fill(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{side}} {{side}}" shape-rendering="crispEdges" role="img" )"
              R"(aria-label="{{label}}"><path fill="#fff" d="M0 0h{{side}}v{{side}}H0z"/><path d="{{path}}"/></svg>)",
              {{"side", side}, {"label", label}, {"path", path_of(code, size)}});
}

}  // namespace lntpay
