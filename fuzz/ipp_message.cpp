// floors: ipp
// Any bytes: decoding in pieces says what decoding the whole says; what decodes encodes to the same
// bytes; the checks and the texts take whatever was decoded.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "ipp/attribute_text.h"
#include "ipp/codec.h"
#include "ipp/encoder.h"
#include "ipp/request_checks.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::optional<ipm::ipp::Decoded> decode_whole(std::string_view bytes) {
  try {
    return ipm::ipp::decode(bytes);
  } catch (const ipm::Error&) {
    return std::nullopt;
  }
}

// Pieces of 1, 2, 3, … bytes, beginning with `step`.
std::optional<ipm::ipp::Decoded> decode_in_pieces(std::string_view bytes, std::size_t step) {
  try {
    ipm::ipp::Decoder decoder;
    while (!decoder.complete() && !bytes.empty()) {
      bytes.remove_prefix(decoder.feed(bytes.substr(0, step)));
      step = step % 64 + 1;
    }
    if (!decoder.complete()) return std::nullopt;
    const std::size_t length = decoder.bytes();
    return ipm::ipp::Decoded{decoder.take(), length};
  } catch (const ipm::Error&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = decode_whole(bytes);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
    const auto pieces = decode_in_pieces(bytes, step);
    require(whole.has_value() == pieces.has_value());
    if (whole) require(whole->bytes == pieces->bytes && whole->message == pieces->message);
  }
  if (!whole) return 0;
  require(ipm::ipp::encode(whole->message) == bytes.substr(0, whole->bytes));
  (void)ipm::ipp::find_request_fault(whole->message);
  (void)ipm::ipp::describe_request(whole->message);
  for (const ipm::ipp::Group& group : whole->message.groups) {
    (void)ipm::ipp::to_json(group).dump();
    const ipm::ipp::EncodedAttributes encoded(group);
    for (const ipm::ipp::Attribute& attribute : group.attributes)
      require(encoded.contains(attribute.name));
  }
  return 0;
}
