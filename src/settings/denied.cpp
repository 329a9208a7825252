#include "settings/denied.h"

#include "base/text.h"
#include "settings/toml_reader.h"

namespace ipm::settings {
namespace {

constexpr std::size_t kSha256Bytes = 32;

}  // namespace

bool is_fingerprint(std::string_view text) {
  const auto bytes = parse_hex(text);
  return bytes && bytes->size() == kSha256Bytes;
}

std::vector<std::string> find_denied(TomlReader& reader) {
  auto denied = reader.find_texts("trust.deny").value_or(std::vector<std::string>{});
  for (const auto& fingerprint : denied) {
    if (!is_fingerprint(fingerprint)) {
      reader.refuse("trust.deny", printable(fingerprint, 100),
                    "SHA-256 fingerprints of 64 hexadecimal digits, as ipm cert show prints them");
    }
  }
  return denied;
}

}  // namespace ipm::settings
