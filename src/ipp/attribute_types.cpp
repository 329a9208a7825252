#include "ipp/attribute_types.h"

#include <algorithm>
#include <array>

#include "ipp/constants.h"

namespace ipm::ipp {
namespace {

constexpr GroupTag kOperation = GroupTag::Operation;
constexpr GroupTag kJob = GroupTag::Job;

constexpr std::array kTypes = {
    AttributeType{"attributes-charset", Tag::Charset, kOperation},
    AttributeType{"attributes-natural-language", Tag::NaturalLanguage, kOperation},
    AttributeType{"compression", Tag::Keyword, kOperation},
    AttributeType{"copies", Tag::Integer},
    AttributeType{"cover-back", Tag::Collection},
    AttributeType{"cover-front", Tag::Collection},
    AttributeType{"document-charset", Tag::Charset, kOperation},
    AttributeType{"document-format", Tag::MimeMediaType, kOperation},
    AttributeType{"document-message", Tag::Text, kOperation},
    AttributeType{"document-name", Tag::Name, kOperation},
    AttributeType{"document-natural-language", Tag::NaturalLanguage, kOperation},
    AttributeType{"document-password", Tag::OctetString, kOperation},
    AttributeType{"document-uri", Tag::Uri, kOperation},
    AttributeType{"feed-orientation", Tag::Keyword},
    AttributeType{"finishings", Tag::Enum, kJob, true},
    AttributeType{"finishings-col", Tag::Collection, kJob, true},
    AttributeType{"first-index", Tag::Integer, kOperation},
    AttributeType{"first-job-id", Tag::Integer, kOperation},
    AttributeType{"first-printer-name", Tag::Name, kOperation},
    AttributeType{"force-front-side", Tag::Range, kJob, true},
    AttributeType{"identify-actions", Tag::Keyword, kOperation, true},
    AttributeType{"imposition-template", Tag::Keyword, kJob, false, true},
    AttributeType{"imprimatur-before", Tag::Integer, kOperation},
    AttributeType{"imprimatur-intent", Tag::Keyword, kOperation},
    AttributeType{"imprimatur-jobs", Tag::Keyword, kOperation},
    AttributeType{"imprimatur-move-to", Tag::Name, kOperation},
    AttributeType{"insert-sheet", Tag::Collection, kJob, true},
    AttributeType{"ipp-attribute-fidelity", Tag::Boolean, kOperation},
    AttributeType{"job-account-id", Tag::Name},
    AttributeType{"job-accounting-user-id", Tag::Name},
    AttributeType{"job-cancel-after", Tag::Integer},
    AttributeType{"job-copies", Tag::Integer},
    AttributeType{"job-delay-output-until", Tag::Keyword, kJob, false, true},
    AttributeType{"job-delay-output-until-time", Tag::DateTime},
    AttributeType{"job-error-action", Tag::Keyword},
    AttributeType{"job-hold-until", Tag::Keyword, kJob, false, true},
    AttributeType{"job-hold-until-time", Tag::DateTime},
    AttributeType{"job-id", Tag::Integer, kOperation},
    AttributeType{"job-ids", Tag::Integer, kOperation, true},
    AttributeType{"job-impressions", Tag::Integer, kOperation},
    AttributeType{"job-k-octets", Tag::Integer, kOperation},
    AttributeType{"job-mandatory-attributes", Tag::Keyword, kOperation, true},
    AttributeType{"job-media-sheets", Tag::Integer, kOperation},
    AttributeType{"job-message-to-operator", Tag::Text},
    AttributeType{"job-name", Tag::Name, kOperation},
    AttributeType{"job-pages-per-set", Tag::Integer},
    AttributeType{"job-password", Tag::OctetString, kOperation},
    AttributeType{"job-password-encryption", Tag::Keyword, kOperation},
    AttributeType{"job-phone-number", Tag::Uri},
    AttributeType{"job-priority", Tag::Integer},
    AttributeType{"job-recipient-name", Tag::Name},
    AttributeType{"job-retain-until", Tag::Keyword, kJob, false, true},
    AttributeType{"job-sheet-message", Tag::Text},
    AttributeType{"job-sheets", Tag::Keyword, kJob, true, true},
    AttributeType{"job-sheets-col", Tag::Collection},
    AttributeType{"job-uri", Tag::Uri, kOperation},
    AttributeType{"last-document", Tag::Boolean, kOperation},
    AttributeType{"limit", Tag::Integer, kOperation},
    AttributeType{"media", Tag::Keyword, kJob, false, true},
    AttributeType{"media-back-coating", Tag::Keyword, kJob, false, true},
    AttributeType{"media-bottom-margin", Tag::Integer},
    AttributeType{"media-col", Tag::Collection},
    AttributeType{"media-color", Tag::Keyword, kJob, false, true},
    AttributeType{"media-front-coating", Tag::Keyword, kJob, false, true},
    AttributeType{"media-info", Tag::Text},
    AttributeType{"media-key", Tag::Keyword, kJob, false, true},
    AttributeType{"media-left-margin", Tag::Integer},
    AttributeType{"media-right-margin", Tag::Integer},
    AttributeType{"media-size", Tag::Collection},
    AttributeType{"media-size-name", Tag::Keyword, kJob, false, true},
    AttributeType{"media-source", Tag::Keyword, kJob, false, true},
    AttributeType{"media-thickness", Tag::Integer},
    AttributeType{"media-top-margin", Tag::Integer},
    AttributeType{"media-type", Tag::Keyword, kJob, false, true},
    AttributeType{"media-weight-metric", Tag::Integer},
    AttributeType{"message", Tag::Text, kOperation},
    AttributeType{"multiple-document-handling", Tag::Keyword},
    AttributeType{"my-jobs", Tag::Boolean, kOperation},
    AttributeType{"number-up", Tag::Integer},
    AttributeType{"orientation-requested", Tag::Enum},
    AttributeType{"output-bin", Tag::Keyword, kJob, false, true},
    AttributeType{"output-device", Tag::Name},
    AttributeType{"overrides", Tag::Collection, kJob, true},
    AttributeType{"page-border", Tag::Keyword},
    AttributeType{"page-delivery", Tag::Keyword},
    AttributeType{"page-order-received", Tag::Keyword},
    AttributeType{"page-ranges", Tag::Range, kJob, true},
    AttributeType{"page-set", Tag::Keyword},
    AttributeType{"presentation-direction-number-up", Tag::Keyword},
    AttributeType{"print-color-mode", Tag::Keyword},
    AttributeType{"print-content-optimize", Tag::Keyword},
    AttributeType{"print-darkness", Tag::Integer},
    AttributeType{"print-quality", Tag::Enum},
    AttributeType{"print-rendering-intent", Tag::Keyword},
    AttributeType{"print-scaling", Tag::Keyword},
    AttributeType{"print-speed", Tag::Integer},
    AttributeType{"printer-id", Tag::Integer, kOperation},
    AttributeType{"printer-location", Tag::Text, kOperation},
    AttributeType{"printer-message-from-operator", Tag::Text, kOperation},
    AttributeType{"printer-resolution", Tag::Resolution},
    AttributeType{"printer-state-message", Tag::Text, kOperation},
    AttributeType{"printer-type", Tag::Enum, kOperation},
    AttributeType{"printer-type-mask", Tag::Enum, kOperation},
    AttributeType{"printer-uri", Tag::Uri, kOperation},
    AttributeType{"purge-job", Tag::Boolean, kOperation},
    AttributeType{"purge-jobs", Tag::Boolean, kOperation},
    AttributeType{"requested-attributes", Tag::Keyword, kOperation, true},
    AttributeType{"requesting-user-name", Tag::Name, kOperation},
    AttributeType{"separator-sheets", Tag::Collection},
    AttributeType{"sides", Tag::Keyword},
    AttributeType{"system-uri", Tag::Uri, kOperation},
    AttributeType{"which-jobs", Tag::Keyword, kOperation},
    AttributeType{"x-dimension", Tag::Integer},
    AttributeType{"x-image-position", Tag::Keyword},
    AttributeType{"x-image-shift", Tag::Integer},
    AttributeType{"y-dimension", Tag::Integer},
    AttributeType{"y-image-position", Tag::Keyword},
    AttributeType{"y-image-shift", Tag::Integer},
};

static_assert(std::ranges::is_sorted(kTypes, {}, &AttributeType::name));

struct EnumRow {
  std::string_view attribute;
  std::int32_t value;
  std::string_view name;
};

constexpr std::array kEnums = {
#define IPM_ENUM(attribute, value, name) EnumRow{attribute, value, name},
#include "ipp/enums.def"
#undef IPM_ENUM
};

// "finishings-supported" has the values of "finishings".
std::string_view base_name(std::string_view attribute) {
  for (const std::string_view suffix : {"-default", "-supported", "-ready", "-actual"}) {
    if (attribute.ends_with(suffix)) return attribute.substr(0, attribute.size() - suffix.size());
  }
  return attribute;
}

}  // namespace

const AttributeType* find_attribute_type(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kTypes, name, {}, &AttributeType::name);
  return found != kTypes.end() && found->name == name ? &*found : nullptr;
}

GroupTag group_of_option(std::string_view name) {
  const AttributeType* type = find_attribute_type(name);
  return type ? type->group : GroupTag::Job;
}

std::string_view enum_name(std::string_view attribute, std::int32_t value) {
  const std::string_view base = base_name(attribute);
  if (base == "operations" && value >= 0 && value <= 0xFFFF)
    return operation_name(static_cast<std::uint16_t>(value));
  for (const EnumRow& row : kEnums) {
    if (row.value == value && row.attribute == base) return row.name;
  }
  return {};
}

std::optional<std::int32_t> find_enum(std::string_view attribute, std::string_view keyword) {
  const std::string_view base = base_name(attribute);
  if (base == "operations") {
    const auto operation = find_operation(keyword);
    return operation ? std::optional(static_cast<std::int32_t>(*operation)) : std::nullopt;
  }
  for (const EnumRow& row : kEnums) {
    if (row.attribute == base && row.name == keyword) return row.value;
  }
  return std::nullopt;
}

}  // namespace ipm::ipp
