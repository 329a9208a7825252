#include "output/ipp/cleaned.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ipp/limits.h"
#include "output/limits.h"

namespace ipm::output {
namespace {

constexpr std::array<std::string_view, 13> kState = {
    "printer-state",         "printer-state-reasons",
    "printer-state-message", "printer-is-accepting-jobs",
    "printer-supply",        "printer-supply-description",
    "printer-alert",         "printer-alert-description",
    "marker-names",          "marker-levels",
    "marker-colors",         "marker-types",
    "printer-input-tray"};

// Beside all that end in -supported, -default, -ready and -database.
constexpr std::array<std::string_view, 7> kMore = {
    "printer-make-and-model", "printer-device-id", "pages-per-minute",  "pages-per-minute-color",
    "printer-output-tray",    "marker-low-levels", "marker-high-levels"};

// This server's own business.
constexpr std::array<std::string_view, 24> kOwn = {"operations-supported",
                                                   "ipp-versions-supported",
                                                   "ipp-features-supported",
                                                   "charset-supported",
                                                   "generated-natural-language-supported",
                                                   "printer-uri-supported",
                                                   "uri-authentication-supported",
                                                   "uri-security-supported",
                                                   "printer-xri-supported",
                                                   "xri-authentication-supported",
                                                   "xri-security-supported",
                                                   "xri-uri-scheme-supported",
                                                   "reference-uri-schemes-supported",
                                                   "compression-supported",
                                                   "which-jobs-supported",
                                                   "job-ids-supported",
                                                   "job-settable-attributes-supported",
                                                   "printer-settable-attributes-supported",
                                                   "notify-events-supported",
                                                   "notify-events-default",
                                                   "notify-pull-method-supported",
                                                   "notify-lease-duration-supported",
                                                   "multiple-document-jobs-supported",
                                                   "printer-get-attributes-supported"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_capability(std::string_view name) {
  if (has(kOwn, name)) return false;
  return name.ends_with("-supported") || name.ends_with("-default") || name.ends_with("-ready") ||
         name.ends_with("-database") || has(kMore, name);
}

std::size_t bytes_max(ipp::Tag tag) {
  return tag == ipp::Tag::Text || tag == ipp::Tag::Uri || tag == ipp::Tag::TextWithLanguage
             ? ipp::kTextBytesMax
             : ipp::kNameValueBytesMax;
}

ipp::Value cleaned_value(const ipp::Value& value) {
  if (const auto* members = value.find_collection()) {
    ipp::Collection clean;
    for (const auto& member : members->attributes) clean.add(output::cleaned(member));
    return ipp::Value::collection(std::move(clean));
  }
  const auto text = value.find_text();
  if (!text) return value;
  const std::string plain = plain_text(*text, bytes_max(value.tag()));
  if (plain == *text) return value;
  if (const auto language = value.find_language()) {
    return ipp::Value::with_language(value.tag(),
                                     plain_text(*language, ipp::kNaturalLanguageBytesMax), plain);
  }
  return ipp::Value::string(value.tag(), plain);
}

// As the wire would count it, nearly.
std::size_t size_of(const ipp::Attribute& attribute) {
  std::size_t size = attribute.name.size();
  for (const auto& value : attribute.values) {
    size += 16;
    if (const auto* octets = value.octets()) size += octets->size();
    if (const auto* members = value.find_collection()) {
      for (const auto& member : members->attributes) size += size_of(member);
    }
  }
  return size;
}

template <class Wanted>
ipp::AttributeList among(const ipp::AttributeList& told, const Wanted& wanted) {
  ipp::AttributeList kept;
  std::size_t bytes = 0;
  for (const auto& attribute : told.attributes) {
    if (!wanted(attribute.name) || attribute.values.empty() || kept.contains(attribute.name) ||
        attribute.values.size() > kDescriptionValuesMax) {
      continue;
    }
    if (kept.attributes.size() >= kDescriptionAttributesMax) break;
    // What does not fit must not take what stands behind it with it.
    const std::size_t size = size_of(attribute);
    if (size > kDescriptionBytesMax - bytes) continue;
    bytes += size;
    kept.add(output::cleaned(attribute));
  }
  return kept;
}

}  // namespace

ipp::Attribute cleaned(const ipp::Attribute& attribute) {
  ipp::Attribute clean{plain_text(attribute.name, ipp::kNameBytesMax), {}};
  clean.values.reserve(attribute.values.size());
  for (const auto& value : attribute.values) clean.values.push_back(cleaned_value(value));
  return clean;
}

ipp::AttributeList capabilities_among(const ipp::AttributeList& told) {
  return among(told,
               [](std::string_view name) { return is_capability(name) && !has(kState, name); });
}

ipp::AttributeList state_among(const ipp::AttributeList& told) {
  return among(told, [](std::string_view name) { return has(kState, name); });
}

}  // namespace ipm::output
