// floors: base
// Any text as an address: the normal form of what is read reads as the same address, and what was
// refused says why in one printable line.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "base/uri.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = ipm::find_uri(text);
  try {
    const ipm::Uri uri = ipm::parse_uri(text);
    require(found == uri);
    const std::string normal = ipm::to_string(uri);
    if (normal.size() > ipm::kUriBytesMax) return 0;  // escapes may make it longer
    require(ipm::parse_uri(normal) == uri);
    require(ipm::to_string(ipm::parse_uri(normal)) == normal);
    require(ipm::is_utf8(uri.path) && uri.path.find('\0') == std::string::npos);
    for (const std::string_view segment : uri.segments())
      require(segment != ".." && segment != ".");
  } catch (const ipm::Error& error) {
    require(!found);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
