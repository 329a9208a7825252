#include "print/default_device.h"

#include <array>

#include "print/operations/media.h"

namespace ipm::print {
namespace {

using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

// Millimetres times 100: a third of an inch, which nearly all printers can keep (PWG 5100.7).
constexpr int kMargin = 423;
constexpr int kResolution = 600;

AttributeList size_of(MediaSize size) {
  AttributeList list;
  list.add_integer("x-dimension", size.width);
  list.add_integer("y-dimension", size.length);
  return list;
}

AttributeList collection_of(std::string_view name, MediaSize size) {
  AttributeList media;
  media.add_collection("media-size", size_of(size));
  media.add_keyword("media-size-name", name);
  for (const auto* side :
       {"media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin"}) {
    media.add_integer(side, kMargin);
  }
  return media;
}

}  // namespace

void add_media(AttributeList& list, const std::vector<std::string_view>& names) {
  std::vector<Value> sizes;
  std::vector<Value> database;
  for (const auto name : names) {
    const auto size = find_media_size(name);
    if (!size || name.starts_with("custom_m")) continue;  // custom_min_…, custom_max_… are bounds
    sizes.push_back(Value::collection(size_of(*size)));
    database.push_back(Value::collection(collection_of(name, *size)));
  }
  if (sizes.empty()) return;
  list.add("media-col-default", database.front());
  list.add_keywords("media-col-supported",
                    {"media-bottom-margin", "media-left-margin", "media-right-margin", "media-size",
                     "media-size-name", "media-top-margin"});
  list.add("media-col-database", std::move(database));
  list.add("media-size-supported", std::move(sizes));
  for (const auto* side : {"media-bottom-margin-supported", "media-left-margin-supported",
                           "media-right-margin-supported", "media-top-margin-supported"}) {
    list.add_integer(side, kMargin);
  }
}

AttributeList default_device() {
  AttributeList list;
  list.add_text("printer-make-and-model", "Imprimatur print queue");
  list.add_text("printer-device-id", "MFG:Imprimatur;MDL:Print Queue;CMD:PDF,PS,JPEG;CLS:PRINTER;");
  list.add_mime_type("document-format-default", "application/octet-stream");
  list.add_strings("document-format-supported", Tag::MimeMediaType,
                   std::initializer_list<std::string_view>{
                       "application/octet-stream", "application/pdf", "application/postscript",
                       "application/vnd.hp-PCL", "image/jpeg", "image/png", "image/pwg-raster",
                       "image/tiff", "image/urf", "text/plain"});

  list.add_enum("finishings-default", 3);
  list.add_integers("finishings-supported", Tag::Enum, std::array{3});
  list.add_keyword("multiple-document-handling-default", "separate-documents-uncollated-copies");
  list.add_keywords("multiple-document-handling-supported",
                    {"separate-documents-uncollated-copies"});
  list.add_integer("number-up-default", 1);
  list.add_integer("number-up-supported", 1);
  list.add_no_value("orientation-requested-default");
  list.add_integers("orientation-requested-supported", Tag::Enum, std::array{3});
  list.add_keyword("output-bin-default", "auto");
  list.add_keywords("output-bin-supported", {"auto"});
  list.add_boolean("page-ranges-supported", false);
  list.add_keyword("print-color-mode-default", "auto");
  list.add_keywords("print-color-mode-supported", {"auto", "monochrome"});
  list.add_keyword("print-content-optimize-default", "auto");
  list.add_keywords("print-content-optimize-supported", {"auto"});
  list.add_enum("print-quality-default", 4);
  list.add_integers("print-quality-supported", Tag::Enum, std::array{3, 4, 5});
  list.add_keyword("print-rendering-intent-default", "auto");
  list.add_keywords("print-rendering-intent-supported", {"auto"});
  list.add_resolution("printer-resolution-default", kResolution, kResolution);
  list.add_resolution("printer-resolution-supported", kResolution, kResolution);
  list.add_keyword("sides-default", "one-sided");
  list.add_keywords("sides-supported",
                    {"one-sided", "two-sided-long-edge", "two-sided-short-edge"});

  const std::vector<std::string_view> media = {"iso_a4_210x297mm", "na_letter_8.5x11in",
                                               "iso_a5_148x210mm", "na_legal_8.5x14in"};
  list.add_keyword("media-default", media.front());
  list.add_keywords("media-supported", media);
  add_media(list, media);

  list.add_boolean("color-supported", false);
  list.add_integer("pages-per-minute", 1);
  list.add_resolution("pwg-raster-document-resolution-supported", kResolution, kResolution);
  list.add_keyword("pwg-raster-document-sheet-back", "normal");
  list.add_keywords("pwg-raster-document-type-supported", {"black_1", "sgray_8"});
  list.add_keywords("urf-supported", {"V1.4", "CP1", "W8", "RS600"});
  return list;
}

}  // namespace ipm::print
