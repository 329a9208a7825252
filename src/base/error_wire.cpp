#include "base/error_wire.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ipm {
namespace {

constexpr std::size_t kProblemBytesMax = 64U * 1024U;  // of a foreign document

std::string string_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

// Once escaped it stays as it is: both ends do this.
std::string wire_text(std::string_view text) {
  text = cut_utf8(text, kErrorWireTextBytesMax);
  std::string without(text);
  std::erase(without, '\\');
  if (printable(without, without.size() + 1) == without) return std::string(text);
  const std::string escaped = printable(text, 4 * kErrorWireTextBytesMax);
  return std::string(cut_utf8(escaped, kErrorWireTextBytesMax));
}

std::string encode_problem(const Error& error, int status) {
  const MessageRow& known = row(error.message());
  const std::string_view mend = error.mend().empty() ? known.mend : std::string_view(error.mend());
  const nlohmann::ordered_json problem = {
      {"type", fmt::format("urn:imprimatur:{}", known.number)},
      {"title", std::string(known.meaning)},
      {"status", status},
      {"detail", wire_text(error.happened())},
      {"number", std::string(known.number)},
      {"expected", wire_text(error.expected())},
      {"mend", wire_text(mend)},
  };
  return problem.dump();
}

std::optional<Error> decode_problem(std::string_view json) {
  if (json.size() > kProblemBytesMax) return std::nullopt;
  const auto problem = nlohmann::json::parse(json, nullptr, false);
  if (!problem.is_object()) return std::nullopt;
  return error_from_parts(string_of(problem, "number"), string_of(problem, "detail"),
                          string_of(problem, "expected"), string_of(problem, "mend"));
}

std::optional<Error> error_from_parts(std::string_view number, std::string_view happened,
                                      std::string_view expected, std::string_view mend) {
  const auto message = find_message(number);
  if (!message) return std::nullopt;
  return Error(*message, wire_text(happened), wire_text(expected), wire_text(mend));
}

}  // namespace ipm
