#pragma once
// From the bytes of a certdata.txt to the roots that are to be written, for `ipm trust build` and
// `update`: bounded reading, the site's deny lists, and what the person at the terminal is told.

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ipm/common/context.h"
#include "trust/bundle.h"
#include "trust/certdata.h"

namespace ipm::app {

// A certdata.txt and what was chosen from it, ready to be written.
struct Conversion {
  std::string text;  // The others look into it.
  trust::Certdata certdata;
  trust::Selection selection;
  trust::Choice choice;
  trust::BundleSource source;
};

struct ConversionOrder {
  std::filesystem::path file;       // "-" is standard input; where `text` is absent
  std::optional<std::string> text;  // Bytes that are here already …
  std::string name;                 // … and where from; else the file's name.
  trust::Selection selection;
  std::vector<pki::Sha256> denied;
  TimePoint now;
};

// Reads at most kCertdataBytesMax; more is malformed, like other damage.
std::unique_ptr<const Conversion> convert(ConversionOrder order);

// The remarks, expired and denied roots, for the person at the terminal: on standard error.
void tell_oddities(const Conversion& conversion);
nlohmann::json to_json(const Conversion& conversion);

// The deny lists of this site: the file given, and [trust] deny of both configuration files.
std::vector<pki::Sha256> denied_here(const Context& context,
                                     const std::optional<std::filesystem::path>& file);

}  // namespace ipm::app
