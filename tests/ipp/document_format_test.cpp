#include "ipp/document_format.h"

#include <gtest/gtest.h>

#include <string>

namespace ipm::ipp {
namespace {

TEST(DocumentFormat, IsToldByTheFirstBytes) {
  EXPECT_EQ(guess_format("%PDF-1.7\n"), "application/pdf");
  EXPECT_EQ(guess_format("%!PS-Adobe-3.0"), "application/postscript");
  EXPECT_EQ(guess_format("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(guess_format("\x89PNG\r\n\x1a\n\0"), "image/png");
  EXPECT_EQ(guess_format("RaS2PwgRaster"), "image/pwg-raster");
  EXPECT_EQ(guess_format(std::string("UNIRAST\0", 8)), "image/urf");
  EXPECT_EQ(guess_format(std::string("II*\0\x08", 5)), "image/tiff");
  EXPECT_EQ(guess_format(std::string("MM\0*\0", 5)), "image/tiff");
  EXPECT_EQ(guess_format("\x1b"
                         "E\x1b&l0O"),
            "application/vnd.hp-PCL");
}

TEST(DocumentFormat, WhatIsNotRecognisedIsLeftOpen) {
  const std::string nothing = "application/octet-stream";
  EXPECT_EQ(guess_format(""), nothing);
  EXPECT_EQ(guess_format("%PDF"), nothing);  // Cut short.
  EXPECT_EQ(guess_format(" %PDF-1.7"), nothing);
  EXPECT_EQ(guess_format("RaS3"), nothing);
  EXPECT_EQ(guess_format("II*"), nothing);
  EXPECT_EQ(guess_format("plain words"), nothing);
  EXPECT_EQ(guess_format("\xff\xd8"), nothing);
}

}  // namespace
}  // namespace ipm::ipp
