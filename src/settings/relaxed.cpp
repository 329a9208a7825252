#include "settings/relaxed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "settings/denied.h"
#include "settings/toml_reader.h"

namespace ipm::settings {
namespace {

RelaxedCa read_entry(TomlReader& entry) {
  RelaxedCa result;
  const auto fingerprint = entry.find_text("sha256");
  if (!fingerprint) entry.refuse_absent("sha256", kFingerprintWords);
  if (!is_fingerprint(*fingerprint)) {
    entry.refuse("sha256", printable(*fingerprint, 100), kFingerprintWords);
  }
  auto rules = entry.find_texts("rules");
  constexpr const char* kSome = "names of rules: [\"weak-key\", \"weak-digest\"]";
  if (!rules) entry.refuse_absent("rules", kSome);
  if (rules->empty()) entry.refuse("rules", "an empty list", kSome);
  std::set<std::string, std::less<>> seen;
  for (const auto& rule : *rules) {
    if (!seen.insert(rule).second) {
      entry.refuse("rules", fmt::format("a list with {} twice", rule), "each rule once");
    }
  }
  result.sha256 = *fingerprint;
  result.rules = *std::move(rules);
  result.place = entry.place();
  entry.finish();
  return result;
}

}  // namespace

std::vector<RelaxedCa> find_relaxed(TomlReader& reader) {
  std::vector<RelaxedCa> all;
  std::set<std::vector<unsigned char>> seen;
  for (auto& entry : reader.tables("trust.relax", kRelaxedMax)) {
    auto relaxed = read_entry(entry);
    if (!seen.insert(parse_hex(relaxed.sha256).value_or(std::vector<unsigned char>{})).second) {
      entry.refuse("sha256", "that of an entry above", "one entry a CA, with all its rules");
    }
    all.push_back(std::move(relaxed));
  }
  return all;
}

}  // namespace ipm::settings
