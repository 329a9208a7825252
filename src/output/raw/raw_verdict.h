#pragma once
// What became of a document on a raw connection, judged by what the device's system acknowledged and
// how the connection ended (B13). Pure.

#include <cstdint>
#include <string>

#include "output/driver.h"

namespace ipm::output {

enum class RawEnd {
  Open,     // the device has not ended it
  Orderly,  // the device ended its direction
  Broken,   // a reset, or a device that died
};

struct RawFacts {
  std::string device;              // "printer.example.com:9100"
  std::uint64_t wanted = 0;        // bytes of all documents and copies
  std::uint64_t acknowledged = 0;  // of these, by the device's system
  RawEnd end = RawEnd::Open;
  std::string why = {};  // of Broken
  bool canceled = false;
  bool stopped = false;
  bool wait_for_end = false;  // only the device's own end confirms it
};

Result judge_raw(const RawFacts& facts);

}  // namespace ipm::output
