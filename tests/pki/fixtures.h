#pragma once
// Files that the openssl program makes, once for the whole program: keys, certificates and their
// kin in every form that people have on disk.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "run_program.h"
#include "temporary_folder.h"

namespace ipm::pki::test {

class Fixtures {
 public:
  static const Fixtures& get();

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string read(const std::string& name) const { return read_file(path(name)); }
  // Runs openssl inside the folder's own configuration; words that are file names must be path()s.
  void openssl(const std::vector<std::string>& words) const;
  void write(const std::string& name, std::string_view bytes) const;

 private:
  Fixtures();

  ipm::test::TemporaryFolder folder_;
};

// What `call` throws; a failed test where it does not.
template <class Call>
Error thrown_by(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Message::Unexpected, "nothing", "an Error"};
}

// How many entries OpenSSL's error queue holds: it must be empty whenever our code returns.
bool error_queue_is_empty();

}  // namespace ipm::pki::test
