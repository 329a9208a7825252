// floors: http
// Answers of servers that we dial: a head, then a body of any kind, cut anywhere.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "http/body.h"
#include "http/head.h"

namespace {

using namespace ipm::http;

void must(bool holds) {
  if (!holds) std::abort();
}

std::string read_body(Framing framing, std::span<const unsigned char> bytes, std::size_t step) {
  BodyDecoder body(framing);
  std::string text;
  while (!bytes.empty() && !body.done() && !body.broken()) {
    std::vector<unsigned char> piece(
        bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(step, bytes.size())));
    const auto taken = body.decode(piece);
    text.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken.produced));
    bytes = bytes.subspan(taken.consumed);
  }
  body.end();
  must(body.done() != body.broken());
  return (body.done() ? "whole|" : "broken|") + std::to_string(bytes.size()) + "|" + text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16384) return 0;
  const std::span<const unsigned char> bytes(data + 1, size - 1);
  HeadScanner scanner(2048, 20);
  if (scanner.scan(bytes) != HeadScanner::Found::Whole) return 0;
  ResponseHead head;
  const auto refusal = parse_head(bytes.subspan(scanner.begin(), scanner.end() - scanner.begin()),
                                  (data[0] & 1U) != 0 ? Method::Head : Method::Post, head);
  if (refusal) return 0;
  must(head.status >= 100 && head.status <= 599);
  must(head.framing.kind != Framing::Kind::UntilEnd || !head.keep_alive);
  const auto rest = bytes.subspan(scanner.end());
  must(read_body(head.framing, rest, rest.size() + 1) ==
       read_body(head.framing, rest, 1 + (data[0] >> 1U)));
  return 0;
}
