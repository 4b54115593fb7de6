#include "error.h"

namespace fcn {

const char* codeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "FACE_INVALID_ARGUMENT";
    case ErrorCode::Aborted:
      return "FACE_ABORTED";
    case ErrorCode::ModelMissing:
      return "FACE_MODEL_MISSING";
    case ErrorCode::ModelDamaged:
      return "FACE_MODEL_DAMAGED";
    case ErrorCode::Disposed:
      return "FACE_DISPOSED";
    case ErrorCode::OutOfMemory:
      return "FACE_OUT_OF_MEMORY";
    case ErrorCode::Internal:
      break;
  }
  return "FACE_INTERNAL";
}

}  // namespace fcn
