#include "ipp/tags.h"

#include <array>
#include <utility>

namespace ipm::ipp {
namespace {

constexpr std::array<std::pair<Tag, std::string_view>, 26> kTags = {{
    {Tag::Unsupported, "unsupported"},
    {Tag::Default, "default"},
    {Tag::Unknown, "unknown"},
    {Tag::NoValue, "no-value"},
    {Tag::NotSettable, "not-settable"},
    {Tag::DeleteAttribute, "delete-attribute"},
    {Tag::AdminDefine, "admin-define"},
    {Tag::Integer, "integer"},
    {Tag::Boolean, "boolean"},
    {Tag::Enum, "enum"},
    {Tag::OctetString, "octetString"},
    {Tag::DateTime, "dateTime"},
    {Tag::Resolution, "resolution"},
    {Tag::Range, "rangeOfInteger"},
    {Tag::Collection, "collection"},
    {Tag::TextWithLanguage, "textWithLanguage"},
    {Tag::NameWithLanguage, "nameWithLanguage"},
    {Tag::Text, "textWithoutLanguage"},
    {Tag::Name, "nameWithoutLanguage"},
    {Tag::Keyword, "keyword"},
    {Tag::Uri, "uri"},
    {Tag::UriScheme, "uriScheme"},
    {Tag::Charset, "charset"},
    {Tag::NaturalLanguage, "naturalLanguage"},
    {Tag::MimeMediaType, "mimeMediaType"},
    {Tag::Extension, "extension"},
}};

}  // namespace

std::string_view tag_name(Tag tag) {
  for (const auto& [known, name] : kTags) {
    if (known == tag) return name;
  }
  return {};
}

std::optional<Tag> find_tag(std::string_view name) {
  for (const auto& [tag, known] : kTags) {
    if (known == name) return tag;
  }
  return std::nullopt;
}

std::string_view group_name(GroupTag tag) {
  switch (tag) {
    case GroupTag::Operation:
      return "operation-attributes-tag";
    case GroupTag::Job:
      return "job-attributes-tag";
    case GroupTag::End:
      return "end-of-attributes-tag";
    case GroupTag::Printer:
      return "printer-attributes-tag";
    case GroupTag::Unsupported:
      return "unsupported-attributes-tag";
    case GroupTag::Subscription:
      return "subscription-attributes-tag";
    case GroupTag::EventNotification:
      return "event-notification-attributes-tag";
    case GroupTag::Resource:
      return "resource-attributes-tag";
    case GroupTag::Document:
      return "document-attributes-tag";
    case GroupTag::System:
      return "system-attributes-tag";
  }
  return {};
}

}  // namespace ipm::ipp
