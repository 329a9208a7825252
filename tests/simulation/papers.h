#pragma once
// What the clients know: each job that they sent, what they were told of it, and what they asked for.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::simulation {

enum class DeviceKind { File, Raw, Ipp };

// By the name of its printer: "file-1", "raw-2", "ipp-3".
inline DeviceKind kind_of(std::string_view printer) {
  return printer.starts_with("raw")   ? DeviceKind::Raw
         : printer.starts_with("ipp") ? DeviceKind::Ipp
                                      : DeviceKind::File;
}

struct Paper {
  enum class Told { Nothing, Taken, Refused };

  int id = 0;
  std::string printer;
  std::vector<std::string> documents;       // that the server acknowledged
  std::vector<std::string> sent_documents;  // that it may have
  Told told = Told::Nothing;
  bool incoming = false;      // made without documents, which come one by one
  bool cancel_asked = false;  // perhaps nobody was told
  bool cancel_told = false;   // the server acknowledged it
  bool held = false;          // the server acknowledged it, and nobody has asked for its release
  bool may_be_held = false;   // it was asked for and the answer is not known
  int changing = 0;           // requests under way
  bool interrupted = false;   // the server ended while a device had it
  bool troubled = false;      // a device failed because of this very job: others go first
  int completed = 0;          // how often it was said to be
};

using Papers = std::map<int, Paper>;

}  // namespace ipm::simulation
