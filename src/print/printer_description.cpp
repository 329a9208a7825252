#include "print/printer_description.h"

#include <algorithm>
#include <array>
#include <set>

#include "ipp/constants.h"
#include "print/limits.h"
#include "print/operations/table.h"

namespace ipm::print {
namespace {

using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

struct Medium {
  std::string_view name;  // PWG 5101.1
  int width;              // hundredths of millimetres
  int length;
};

constexpr std::array kMedia = {
    Medium{"iso_a4_210x297mm", 21000, 29700},
    Medium{"iso_a3_297x420mm", 29700, 42000},
    Medium{"iso_a5_148x210mm", 14800, 21000},
    Medium{"iso_a6_105x148mm", 10500, 14800},
    Medium{"iso_b5_176x250mm", 17600, 25000},
    Medium{"iso_c5_162x229mm", 16200, 22900},
    Medium{"iso_dl_110x220mm", 11000, 22000},
    Medium{"jis_b5_182x257mm", 18200, 25700},
    Medium{"na_letter_8.5x11in", 21590, 27940},
    Medium{"na_legal_8.5x14in", 21590, 35560},
    Medium{"na_ledger_11x17in", 27940, 43180},
    Medium{"na_executive_7.25x10.5in", 18415, 26670},
    Medium{"na_number-10_4.125x9.5in", 10478, 24130},
};
constexpr int kMarginHundredths = 423;

AttributeList media_size(const Medium& medium) {
  AttributeList size;
  size.add_integer("x-dimension", medium.width);
  size.add_integer("y-dimension", medium.length);
  return size;
}

AttributeList media_collection(const Medium& medium) {
  AttributeList media;
  media.add_collection("media-size", media_size(medium));
  media.add_keyword("media-size-name", medium.name);
  for (const auto* side :
       {"media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin"}) {
    media.add_integer(side, kMarginHundredths);
  }
  media.add_keyword("media-source", "auto");
  media.add_keyword("media-type", "stationery");
  return media;
}

void add_identity(AttributeList& list, const LogicalDestination& destination) {
  list.add_name("printer-name", destination.name);
  list.add_text("printer-info", destination.info.empty() ? destination.name : destination.info);
  list.add_text("printer-location", destination.location);
  list.add_text("printer-make-and-model", "Imprimatur print queue");
  list.add_text("printer-device-id",
                "MFG:Imprimatur;MDL:Print Queue;CMD:PDF,PS,JPEG,PWGRaster,URF;CLS:PRINTER;");
  list.add_uri("printer-uuid", destination.uuid);
  list.add_text("printer-organization", "");
  list.add_text("printer-organizational-unit", "");
  list.add_unknown("printer-geo-location");
}

void add_protocol(AttributeList& list) {
  list.add_charset("charset-configured", ipp::kCharset);
  list.add_strings("charset-supported", Tag::Charset, {"utf-8", "us-ascii"});
  list.add_language("natural-language-configured", ipp::kLanguage);
  list.add_language("generated-natural-language-supported", ipp::kLanguage);
  list.add_keywords("ipp-versions-supported", {"1.0", "1.1", "2.0"});
  list.add_keywords("ipp-features-supported", {"none"});
  list.add_integers("operations-supported", Tag::Enum, supported_operations());
  list.add_keywords("compression-supported", {"none", "gzip", "deflate"});
  list.add_mime_type("document-format-default", "application/octet-stream");
  list.add_strings("document-format-supported", Tag::MimeMediaType, supported_formats());
  list.add_keyword("pdl-override-supported", "not-attempted");
  list.add_boolean("multiple-document-jobs-supported", true);
  list.add_integer("multiple-operation-time-out",
                   static_cast<std::int32_t>(kMultipleOperationTimeout.count()));
  list.add_keyword("multiple-operation-time-out-action", "process-job");
  list.add_keywords("which-jobs-supported", {"completed", "not-completed", "all"});
  list.add_boolean("job-ids-supported", true);
  list.add_boolean("preferred-attributes-supported", false);
  list.add_keywords("printer-get-attributes-supported", {"document-format"});
  list.add_keywords("job-settable-attributes-supported",
                    {"copies", "job-hold-until", "job-name", "job-priority", "media", "sides"});
  list.add_keywords("document-creation-attributes-supported",
                    {"compression", "document-format", "document-name"});
}

void add_job_template(AttributeList& list) {
  list.add_keywords("job-creation-attributes-supported", {"copies",
                                                          "finishings",
                                                          "ipp-attribute-fidelity",
                                                          "job-hold-until",
                                                          "job-name",
                                                          "job-priority",
                                                          "job-sheets",
                                                          "media",
                                                          "media-col",
                                                          "multiple-document-handling",
                                                          "number-up",
                                                          "orientation-requested",
                                                          "output-bin",
                                                          "page-ranges",
                                                          "print-color-mode",
                                                          "print-content-optimize",
                                                          "print-quality",
                                                          "print-rendering-intent",
                                                          "printer-resolution",
                                                          "sides"});
  list.add_integer("copies-default", 1);
  list.add_range("copies-supported", 1, kCopiesMax);
  list.add_enum("finishings-default", 3);
  list.add_integers("finishings-supported", Tag::Enum,
                    {3, 4, 5, 7, 20, 21, 22, 23, 28, 29, 30, 31});
  list.add_keyword("job-hold-until-default", "no-hold");
  list.add_keywords("job-hold-until-supported", {"no-hold", "indefinite"});
  list.add_integer("job-priority-default", kPriorityDefault);
  list.add_integer("job-priority-supported", 100);
  list.add_keyword("job-sheets-default", "none");
  list.add_keywords("job-sheets-supported", {"none"});
  list.add_keyword("multiple-document-handling-default", "separate-documents-uncollated-copies");
  list.add_keywords("multiple-document-handling-supported",
                    {"separate-documents-uncollated-copies", "separate-documents-collated-copies"});
  list.add_integer("number-up-default", 1);
  list.add_integers("number-up-supported", Tag::Integer, {1});
  list.add_no_value("orientation-requested-default");
  list.add_integers("orientation-requested-supported", Tag::Enum, {3, 4, 5, 6});
  list.add_keyword("output-bin-default", "face-down");
  list.add_keywords("output-bin-supported", {"face-down", "face-up"});
  list.add_boolean("page-ranges-supported", true);
  list.add_keywords("overrides-supported", {"document-numbers", "pages"});
  list.add_keyword("print-color-mode-default", "auto");
  list.add_keywords("print-color-mode-supported", {"auto", "color", "monochrome"});
  list.add_keyword("print-content-optimize-default", "auto");
  list.add_keywords("print-content-optimize-supported", {"auto", "graphic", "photo", "text"});
  list.add_enum("print-quality-default", 4);
  list.add_integers("print-quality-supported", Tag::Enum, {3, 4, 5});
  list.add_keyword("print-rendering-intent-default", "auto");
  list.add_keywords("print-rendering-intent-supported", {"auto"});
  list.add_resolution("printer-resolution-default", 600, 600);
  list.add("printer-resolution-supported",
           {Value::resolution({300, 300}), Value::resolution({600, 600}),
            Value::resolution({1200, 1200})});
  list.add_keyword("sides-default", "one-sided");
  list.add_keywords("sides-supported",
                    {"one-sided", "two-sided-long-edge", "two-sided-short-edge"});
}

void add_media(AttributeList& list) {
  std::vector<std::string_view> names;
  std::vector<Value> sizes;
  std::vector<Value> database;
  for (const Medium& medium : kMedia) {
    names.push_back(medium.name);
    sizes.push_back(Value::collection(media_size(medium)));
    database.push_back(Value::collection(media_collection(medium)));
  }
  list.add_keyword("media-default", kMedia.front().name);
  list.add_keywords("media-supported", names);
  list.add_keywords("media-ready", {kMedia.front().name});
  list.add_collection("media-col-default", media_collection(kMedia.front()));
  list.add_keywords("media-col-supported",
                    {"media-bottom-margin", "media-left-margin", "media-right-margin", "media-size",
                     "media-size-name", "media-source", "media-top-margin", "media-type"});
  list.add_collection("media-col-ready", media_collection(kMedia.front()));
  list.add("media-col-database", std::move(database));
  list.add("media-size-supported", std::move(sizes));
  for (const auto* side : {"media-bottom-margin-supported", "media-left-margin-supported",
                           "media-right-margin-supported", "media-top-margin-supported"}) {
    list.add_integers(side, Tag::Integer, {0, kMarginHundredths});
  }
  list.add_keywords("media-source-supported", {"auto", "main", "manual"});
  list.add_keywords("media-type-supported", {"stationery", "labels", "envelope", "photographic"});
}

void add_engine(AttributeList& list) {
  list.add_boolean("color-supported", true);
  list.add_integer("pages-per-minute", 60);
  list.add_integer("pages-per-minute-color", 60);
  list.add("pwg-raster-document-resolution-supported",
           {Value::resolution({300, 300}), Value::resolution({600, 600})});
  list.add_keyword("pwg-raster-document-sheet-back", "normal");
  list.add_keywords("pwg-raster-document-type-supported", {"black_1", "sgray_8", "srgb_8"});
  list.add_octets("printer-alert", "code=other;severity=other;group=generalPrinter;location=0");
  list.add_text("printer-alert-description", "none");
  list.add_octets(
      "printer-supply",
      "type=other;maxcapacity=100;level=-2;class=other;unit=percent;colorantname=none;");
  list.add_text("printer-supply-description", "unknown");
}

}  // namespace

const std::vector<std::string>& supported_formats() {
  static const std::vector<std::string> formats = {
      "application/octet-stream",
      "application/pdf",
      "application/postscript",
      "application/vnd.hp-PCL",
      "image/jpeg",
      "image/png",
      "image/pwg-raster",
      "image/tiff",
      "image/urf",
      "text/plain",
  };
  return formats;
}

bool is_job_template_attribute(std::string_view name) {
  // Exactly the attributes of RFC 8011, 5.2, and of the extensions listed above, with their
  // suffixes.
  static const std::set<std::string, std::less<>> kNames = [] {
    std::set<std::string, std::less<>> names;
    for (const auto* base :
         {"copies", "finishings", "job-hold-until", "job-priority", "job-sheets", "media",
          "media-col", "multiple-document-handling", "number-up", "orientation-requested",
          "output-bin", "page-ranges", "print-color-mode", "print-content-optimize",
          "print-quality", "print-rendering-intent", "printer-resolution", "sides", "overrides"}) {
      for (const auto* suffix : {"", "-default", "-supported", "-ready"}) {
        names.insert(std::string(base) + suffix);
      }
    }
    return names;
  }();
  return kNames.contains(name);
}

AttributeList describe_printer(const LogicalDestination& destination, const std::string& device_uri,
                               const DescriptionOptions& options, TimePoint changed) {
  AttributeList list;
  add_identity(list, destination);
  add_protocol(list);
  add_job_template(list);
  add_media(list);
  add_engine(list);
  // One URI under one security and one authentication: the three lists have the same count.
  list.add_keyword("uri-security-supported", options.encrypted ? "tls" : "none");
  list.add_keyword("uri-authentication-supported",
                   options.mutual ? "certificate" : "requesting-user-name");
  list.add_uri("device-uri", device_uri);
  list.add_date_time("printer-config-change-date-time", changed);
  // printer-type of CUPS's own operations: a remote-capable queue for everything.
  list.add_integer("printer-type", Tag::Enum, 0x1000 | 0x4 | 0x8 | 0x10);
  list.add_boolean("printer-is-shared", true);
  return list;
}

}  // namespace ipm::print
