// floors: http
// Requests as a connection brings them, cut anywhere: heads, bodies, and the next request behind.
// However they are cut, the same requests, bodies and refusals must come out.

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

struct Outcome {
  std::vector<std::string> requests;  // method, target, fields, body
  int refused = 0;
  bool operator==(const Outcome&) const = default;
};

void must(bool holds) {
  if (!holds) std::abort();
}

std::string describe(const RequestHead& head) {
  std::string text = std::string(to_text(head.method)) + " " + head.target + "|" +
                     std::string(head.path()) + "|" + std::string(head.query());
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    const auto field = head.headers[i];
    must(head.headers.find(field.name).has_value());
    text += "|" + std::string(field.name) + ":" + std::string(field.value);
  }
  must(text.find('\n') == std::string::npos && text.find('\r') == std::string::npos);
  return text + "|";
}

// Reads requests out of `bytes`, which arrive in pieces of `step` bytes.
Outcome read(std::span<const unsigned char> bytes, std::size_t step) {
  constexpr std::size_t kHeadBytesMax = 2048;
  constexpr std::size_t kFieldsMax = 20;
  Outcome outcome;
  std::vector<unsigned char> buffer;
  std::size_t given = 0;
  const auto more = [&] {
    const auto size = std::min(step, bytes.size() - given);
    buffer.insert(buffer.end(), bytes.begin() + static_cast<std::ptrdiff_t>(given),
                  bytes.begin() + static_cast<std::ptrdiff_t>(given + size));
    given += size;
    return size > 0;
  };
  const auto consume = [&](std::size_t size) {
    buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  };
  RequestHead head;
  for (;;) {
    HeadScanner scanner(kHeadBytesMax, kFieldsMax);
    auto found = scanner.scan(buffer);
    while (found == HeadScanner::Found::Incomplete) {
      if (!more()) return outcome;
      found = scanner.scan(buffer);
    }
    if (found == HeadScanner::Found::Refused) {
      outcome.refused = scanner.refusal()->status;
      return outcome;
    }
    must(scanner.end() <= buffer.size() && scanner.end() - scanner.begin() <= kHeadBytesMax);
    const auto refusal = parse_head(
        std::span(buffer).subspan(scanner.begin(), scanner.end() - scanner.begin()), head);
    if (refusal) {
      must(refusal->status >= 400 && refusal->status <= 505);
      outcome.refused = refusal->status;
      return outcome;
    }
    must(head.headers.size() <= kFieldsMax);
    must(head.framing.kind != Framing::Kind::UntilEnd);
    consume(scanner.end());

    BodyDecoder body(head.framing);
    std::string text;
    while (!body.done() && !body.broken()) {
      if (buffer.empty() && !more()) return outcome;
      const auto taken = body.decode(buffer);
      must(taken.produced <= taken.consumed && taken.consumed <= buffer.size());
      must(taken.consumed == buffer.size() || body.done() || body.broken());
      text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(taken.produced));
      consume(taken.consumed);
    }
    if (body.broken()) {
      outcome.refused = body.refusal()->status;
      return outcome;
    }
    if (head.framing.kind == Framing::Kind::Length) must(text.size() == head.framing.length);
    outcome.requests.push_back(describe(head) + text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16384) return 0;
  const std::span<const unsigned char> bytes(data + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size() + 1);
  must(read(bytes, 1 + data[0] % 64U) == whole);
  if (size < 512) must(read(bytes, 1) == whole);
  return 0;
}
