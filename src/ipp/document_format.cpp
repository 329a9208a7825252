#include "ipp/document_format.h"

#include <array>

namespace ipm::ipp {
namespace {

struct Signature {
  std::string_view bytes;
  std::string_view format;
};

constexpr std::array kSignatures = {
    Signature{"%PDF-", "application/pdf"},
    Signature{"%!", "application/postscript"},
    Signature{"\xff\xd8\xff", "image/jpeg"},
    Signature{"\x89PNG\r\n\x1a\n", "image/png"},
    Signature{"RaS2", "image/pwg-raster"},
    Signature{"UNIRAST", "image/urf"},
    Signature{std::string_view("II*\0", 4), "image/tiff"},
    Signature{std::string_view("MM\0*", 4), "image/tiff"},
    Signature{"\x1b"
              "E",
              "application/vnd.hp-PCL"},
};

}  // namespace

std::string_view guess_format(std::string_view first_bytes) {
  for (const Signature& signature : kSignatures) {
    if (first_bytes.starts_with(signature.bytes)) return signature.format;
  }
  return "application/octet-stream";
}

}  // namespace ipm::ipp
