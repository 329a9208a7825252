#include "print/operations/attribute_table.h"

#include <algorithm>
#include <array>

#include "print/guarded_text.h"

namespace ipm::print {
namespace {

using ipp::Tag;

// Enough to see whose turn it is, and to find one's own job again.
constexpr auto kPublicOfJob = std::to_array<std::string_view>({
    "date-time-at-completed",
    "date-time-at-creation",
    "date-time-at-processing",
    "job-id",
    "job-impressions",
    "job-impressions-completed",
    "job-k-octets",
    "job-originating-user-name",
    "job-printer-up-time",
    "job-printer-uri",
    "job-state",
    "job-state-reasons",
    "job-uri",
    "job-uuid",
    "number-of-documents",
    "time-at-completed",
    "time-at-creation",
    "time-at-processing",
});
static_assert(std::ranges::is_sorted(kPublicOfJob));

struct PrinterRow {
  std::string_view name;
  Audience audience;
};

// Addresses of devices say where to go round the queue, and paths how the server is laid out.
constexpr std::array kOfPrinter = {PrinterRow{"device-uri", Audience::Operators}};

bool fits(Tag tag, const ipp::AttributeType& type) {
  switch (type.tag) {
    case Tag::Keyword:
      if (tag == Tag::Keyword) return true;
      return type.name_too && (tag == Tag::Name || tag == Tag::NameWithLanguage);
    case Tag::Name:
      return tag == Tag::Name || tag == Tag::NameWithLanguage;
    case Tag::Text:
      return tag == Tag::Text || tag == Tag::TextWithLanguage;
    default:
      return tag == type.tag;
  }
}

}  // namespace

Audience audience_of_job(std::string_view name) {
  return std::ranges::binary_search(kPublicOfJob, name) ? Audience::Everybody : Audience::Owner;
}

Audience audience_of_printer(std::string_view name) {
  const auto* const found = std::ranges::find(kOfPrinter, name, &PrinterRow::name);
  return found == kOfPrinter.end() ? Audience::Everybody : found->audience;
}

bool may_see(Audience audience, const access::Caller& caller, const access::Owner* owner) {
  if (audience == Audience::Everybody || caller.may_operate()) return true;
  return audience == Audience::Owner && owner != nullptr && caller.owns(*owner);
}

std::string readable(std::string_view guarded, const access::Caller& caller) {
  return may_see(audience_of_printer("device-uri"), caller, nullptr) ? in_full(guarded)
                                                                     : without_places(guarded);
}

bool is_job_template(std::string_view name) {
  const auto* type = ipp::find_attribute_type(name);
  return type != nullptr && type->group == ipp::GroupTag::Job;
}

bool has_type(const ipp::Attribute& attribute, const ipp::AttributeType& type) {
  if (attribute.values.empty() || (attribute.values.size() > 1 && !type.set)) return false;
  return std::ranges::all_of(attribute.values,
                             [&](const ipp::Value& value) { return fits(value.tag(), type); });
}

}  // namespace ipm::print
