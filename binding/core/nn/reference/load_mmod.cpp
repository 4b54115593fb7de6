#include <dlib/dnn.h>

#include "base/model_file.h"
#include "dlib_layers.h"
#include "nn/mmod_network.h"
#include "nn/networks.h"

namespace fcn {
namespace {

using namespace dlib;

// The layers of mmod_human_face_detector.dat, as its file names them.
template <long filters, typename Below>
using Downsample = relu<affine<con<filters, 5, 5, 2, 2, Below>>>;
template <typename Below>
using Same = relu<affine<con<45, 5, 5, 1, 1, Below>>>;
using Pyramid = input_rgb_image_pyramid<pyramid_down<6>>;
using Net =
    loss_mmod<con<1, 9, 9, 1, 1, Same<Same<Same<Downsample<32, Downsample<32, Downsample<16, Pyramid>>>>>>>>;

class ReferenceMmod final : public MmodNetwork {
 public:
  explicit ReferenceMmod(const Net& net) : net_(net) {}

  std::unique_ptr<MmodNetwork> clone() const override { return std::make_unique<ReferenceMmod>(net_); }

  void start(std::int64_t columns) override { image_.resize(1, 0, columns, 3, 3, 0); }

  Tensor& addRows(std::int64_t rows) override {
    image_.addRows(rows);
    return image_;
  }

  void forward(bool last, std::vector<float>& scores, const Parallel& parallel) override {
    parallel.throwIfCancelled();
    scores.clear();
    if (!last) return;
    const std::int64_t pixels = image_.rows() * image_.columns();
    resizable_tensor input(1, 3, image_.rows(), image_.columns());
    float* planes = input.host_write_only();
    const float* values = image_.at(0, 0, 0);
    for (std::int64_t i = 0; i < pixels * 3; ++i) planes[i % 3 * pixels + i / 3] = values[i];
    const tensor& output = net_.subnet().forward(input);
    scores.assign(output.begin(), output.end());
    // Otherwise every layer keeps its output: hundreds of megabytes after a large photo.
    net_.clean();
  }

 private:
  Net net_;
  Tensor image_;  // the rows that have come
};

}  // namespace

MmodModel loadMmod(const std::string& path, Layers layers) {
  Net net;
  deserializeModel(path, net);

  // dlib's layers refuse to run before an image has gone through the input layer once.
  resizable_tensor unused;
  matrix<rgb_pixel> image(64, 64);
  assign_all_pixels(image, 0);
  net.to_tensor(&image, &image + 1, unused);

  const mmod_options& options = net.loss_details().get_options();
  if (options.detector_windows.size() != 1 || options.use_bounding_box_regression) {
    throw Error(ErrorCode::ModelDamaged, path + " is not the face detector: it looks for something else.");
  }
  const Pyramid& input = input_layer(net);
  const dpoint centre = output_tensor_to_input_tensor(net, dpoint(0, 0));

  MmodModel model;
  model.windowWidth = options.detector_windows[0].width;
  model.windowHeight = options.detector_windows[0].height;
  model.centreX = centre.x();
  model.centreY = centre.y();
  model.overlaps = options.overlaps_nms;
  model.padding = input.get_pyramid_padding();
  model.outerPadding = input.get_pyramid_outer_padding();
  model.means[0] = input.get_avg_red();
  model.means[1] = input.get_avg_green();
  model.means[2] = input.get_avg_blue();
  if (layers == Layers::Reference) {
    model.network = std::make_unique<ReferenceMmod>(net);
  } else {
    model.network = makeMmodNetwork(foldedConvolutions(net));
  }
  return model;
}

}  // namespace fcn
