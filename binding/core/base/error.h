#pragma once

#include <stdexcept>
#include <string>

namespace fcn {

// The stable codes of src/errors.ts that can arise in the core.
enum class ErrorCode {
  InvalidArgument,
  Aborted,
  ModelMissing,
  ModelDamaged,
  Disposed,
  OutOfMemory,
  Internal
};

// The code's name as users see it, e.g. "FACE_ABORTED".
const char* codeName(ErrorCode code);

// Every error the core throws on purpose. what() says what was expected, what came and what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace fcn
