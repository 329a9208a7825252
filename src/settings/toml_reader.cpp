#include "settings/toml_reader.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"

namespace ipm::settings {

struct TomlReader::State {
  // An entry's is a part of the file's: a copy would forget its lines.
  std::shared_ptr<const toml::table> table;
  std::string origin;
  std::string prefix;  // of its keys: "trust.relax."; empty for the file
  std::set<std::string, std::less<>> known;
};

namespace {

std::string at_line(const std::string& origin, const toml::source_region& source) {
  return fmt::format("{}, line {}", origin, source.begin.line);
}

std::string_view type_words(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// The known name that was perhaps meant by `key` under `prefix`: one like it in the same section,
// else one that is called so in another.
std::optional<std::string> nearest_name(const std::string& prefix, std::string_view key,
                                        const std::set<std::string, std::less<>>& known) {
  std::vector<std::string> siblings;
  std::optional<std::string> elsewhere;
  for (const auto& name : known) {
    if (name.starts_with(prefix)) {
      const auto rest = std::string_view(name).substr(prefix.size());
      siblings.emplace_back(rest.substr(0, rest.find('.')));
    }
    if (name.ends_with(key) && name.size() > key.size() &&
        name[name.size() - key.size() - 1] == '.') {
      elsewhere = name;
    }
  }
  if (elsewhere) return elsewhere;
  if (const auto near = find_nearest(key, siblings)) return prefix + *near;
  return std::nullopt;
}

void refuse_unknown(const toml::table& table, const std::string& prefix,
                    const std::set<std::string, std::less<>>& known, const std::string& origin) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const std::string inside = name + ".";
    const auto next = known.lower_bound(inside);
    const bool is_section = next != known.end() && next->starts_with(inside);
    if (const auto* section = node.as_table(); section != nullptr && is_section) {
      refuse_unknown(*section, inside, known, origin);
      continue;
    }
    if (known.contains(name)) continue;
    const auto nearest = nearest_name(prefix, key.str(), known);
    throw Error(
        Message::ConfigurationWrong,
        fmt::format("{}: nothing is called '{}'", at_line(origin, node.source()), printable(name)),
        is_section ? fmt::format("a section; did you mean [{}]?", name)
        : nearest  ? fmt::format("a known key; did you mean '{}'?", *nearest)
                   : "a known key",
        "correct or remove the line");
  }
}

}  // namespace

TomlReader::TomlReader(std::string_view text, std::string origin)
    : state_(std::make_unique<State>()) {
  state_->origin = std::move(origin);
  try {
    state_->table = std::make_shared<const toml::table>(toml::parse(text, state_->origin));
  } catch (const toml::parse_error& error) {
    throw Error(Message::ConfigurationWrong,
                fmt::format("{}: {}", at_line(state_->origin, error.source()),
                            printable(error.description())),
                "TOML: [section] lines and key = value lines", "correct the line");
  }
}

TomlReader::TomlReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TomlReader::TomlReader(TomlReader&&) noexcept = default;

TomlReader::~TomlReader() = default;

std::vector<TomlReader> TomlReader::tables(std::string_view key, std::size_t count_max) {
  state_->known.emplace(key);
  std::vector<TomlReader> all;
  const auto node = state_->table->at_path(key);
  if (!node) return all;
  const std::string wanted = fmt::format("[[{}{}]] sections", state_->prefix, key);
  const auto* array = node.as_array();
  if (array == nullptr) refuse(key, type_words(*node.node()), wanted);
  if (array->size() > count_max) {
    refuse(key, fmt::format("a list of {}", array->size()),
           fmt::format("at most {} {}", count_max, wanted));
  }
  for (const auto& element : *array) {
    const auto* table = element.as_table();
    if (table == nullptr) refuse(key, fmt::format("a list with {}", type_words(element)), wanted);
    auto state = std::make_unique<State>();
    state->table = std::shared_ptr<const toml::table>(state_->table, table);
    state->origin = state_->origin;
    state->prefix = fmt::format("{}{}.", state_->prefix, key);
    all.push_back(TomlReader(std::move(state)));
  }
  return all;
}

std::string TomlReader::place() const {
  return at_line(state_->origin, state_->table->source());
}

void TomlReader::refuse_absent(std::string_view key, std::string_view wanted) const {
  throw Error(Message::ConfigurationWrong,
              fmt::format("{}: {}{} is missing", place(), state_->prefix, key), std::string(wanted),
              "add the line");
}

void TomlReader::refuse(std::string_view key, std::string_view found,
                        std::string_view wanted) const {
  const auto node = state_->table->at_path(key);
  throw Error(Message::ConfigurationWrong,
              fmt::format("{}: {}{} is {}",
                          node ? at_line(state_->origin, node.node()->source()) : state_->origin,
                          state_->prefix, key, printable(found)),
              std::string(wanted), "correct the line");
}

std::optional<std::string> TomlReader::find_text(std::string_view key) {
  state_->known.emplace(key);
  const auto node = state_->table->at_path(key);
  if (!node) return std::nullopt;
  const auto value = node.value_exact<std::string>();
  if (!value) refuse(key, type_words(*node.node()), "a text in quotes");
  return value;
}

std::optional<bool> TomlReader::find_boolean(std::string_view key) {
  state_->known.emplace(key);
  const auto node = state_->table->at_path(key);
  if (!node) return std::nullopt;
  const auto value = node.value_exact<bool>();
  if (!value) refuse(key, type_words(*node.node()), "true or false");
  return value;
}

std::optional<std::int64_t> TomlReader::find_integer(std::string_view key, std::int64_t lowest,
                                                     std::int64_t highest) {
  state_->known.emplace(key);
  const auto node = state_->table->at_path(key);
  if (!node) return std::nullopt;
  const std::string wanted = fmt::format("a whole number from {} to {}", lowest, highest);
  const auto value = node.value_exact<std::int64_t>();
  if (!value) refuse(key, type_words(*node.node()), wanted);
  if (*value < lowest || *value > highest) refuse(key, std::to_string(*value), wanted);
  return value;
}

std::optional<std::vector<std::string>> TomlReader::find_texts(std::string_view key) {
  state_->known.emplace(key);
  const auto node = state_->table->at_path(key);
  if (!node) return std::nullopt;
  const auto* array = node.as_array();
  if (array == nullptr) refuse(key, type_words(*node.node()), "a list of texts: [\"…\", \"…\"]");
  std::vector<std::string> all;
  for (const auto& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value)
      refuse(key, fmt::format("a list with {}", type_words(element)),
             "a list of texts: [\"…\", \"…\"]");
    all.push_back(*value);
  }
  return all;
}

void TomlReader::finish() const {
  refuse_unknown(*state_->table, "", state_->known, state_->origin);
}

}  // namespace ipm::settings
