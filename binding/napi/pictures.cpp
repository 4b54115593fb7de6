#include "pictures.h"

#include <algorithm>
#include <vector>

#include "../core/image/area_resize.h"
#include "arguments.h"
#include "async_task.h"
#include "photo.h"

namespace fcn::binding {
namespace {

struct Picture {
  ImagePart part;
  std::int64_t width, height;

  std::size_t bytes() const { return static_cast<std::size_t>(width * height * 3); }
};

std::vector<Picture> readPictures(const Arguments& arguments, const ImageView& photo) {
  const auto parts = arguments.array<Napi::Int32Array>("parts", napi_int32_array, "Int32Array");
  const auto sizes = arguments.array<Napi::Int32Array>("sizes", napi_int32_array, "Int32Array");
  const std::size_t count = sizes.ElementLength() / 2;
  if (sizes.ElementLength() != 2 * count || parts.ElementLength() != 4 * count) {
    refuse(arguments.env(), "sizes", "2 values for 4 of parts");
  }
  std::vector<Picture> pictures(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t *edges = parts.Data() + 4 * i, *size = sizes.Data() + 2 * i;
    const ImagePart part{edges[0], edges[1], edges[2], edges[3]};
    const bool inside = part.top >= 0 && part.left >= 0 && part.bottom <= photo.height &&
                        part.right <= photo.width && part.top < part.bottom && part.left < part.right;
    if (!inside) refuse(arguments.env(), "parts", "parts of the photo");
    const std::int64_t width = part.right - part.left, height = part.bottom - part.top;
    if (size[0] < 1 || size[0] > width || size[1] < 1 || size[1] > height) {
      refuse(arguments.env(), "sizes", "sizes from 1 up to that of the part");
    }
    pictures[i] = {part, size[0], size[1]};
  }
  return pictures;
}

class ResizeTask final : public AsyncTask {
 public:
  explicit ResizeTask(const Arguments& arguments)
      : AsyncTask(arguments.env(), arguments.cancelToken()),
        photo_(arguments),
        pictures_(readPictures(arguments, photo_.view())) {}

 private:
  void execute() override {
    std::size_t bytes = 0;
    for (const Picture& picture : pictures_) bytes += picture.bytes();
    pixels_.resize(bytes);
    std::uint8_t* out = pixels_.data();
    for (const Picture& picture : pictures_) {
      cancel_.throwIfCancelled();
      fcn::resizeByArea(photo_.view(), picture.part, picture.width, picture.height, out);
      out += picture.bytes();
    }
  }

  Napi::Value toResult(Napi::Env env) override {
    auto array = Napi::Uint8Array::New(env, pixels_.size());
    std::copy(pixels_.begin(), pixels_.end(), array.Data());
    return array;
  }

  const Photo photo_;
  const std::vector<Picture> pictures_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace

Napi::Value resizeByArea(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new ResizeTask(Arguments(info)))->startOnOwnThread(); });
}

}  // namespace fcn::binding
