"""Log-mel features against formulas written out here, not against librosa."""

import numpy as np
import pytest

from spinn2sim.errors import SpecError
from spinn2sim.validated import validate
from spinn2sim.workload import FeatureSettings, log_mel, rescale

STATIC = FeatureSettings(derivative_orders=0)


def tone(hz):
    return np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000).astype(np.float32)


def noise(seed=0):
    return np.random.default_rng(seed).normal(size=16_000).astype(np.float32)


def slaney_band_of(hz):
    """The one of 40 bands from 20 to 4,000 Hz that passes *hz* best, by Slaney's formula."""
    linear, step = 200 / 3, np.log(6.4) / 27
    low, high = 20 / linear, 1000 / linear + np.log(4000 / 1000) / step
    mels = np.linspace(low, high, 42)
    edges = np.where(mels < 15, mels * linear, 1000 * np.exp((mels - 15) * step))
    left, peak, right = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.minimum((hz - left) / (peak - left), (right - hz) / (right - peak))
    return np.argmax(np.maximum(triangles, 0) * 2 / (right - left))


def problem(**content):
    with pytest.raises(SpecError) as error:
        validate(FeatureSettings, content, "features")
    return str(error.value)


@pytest.mark.parametrize(("orders", "n_in"), [(0, 40), (1, 80), (2, 120)])
def test_a_second_is_100_frames_of_40_bands_for_each_order(orders, n_in):
    settings = FeatureSettings(derivative_orders=orders)
    features = log_mel(noise(), settings)
    assert features.shape == (100, n_in) == (settings.n_frames, settings.n_in)
    assert features.dtype == np.float32
    assert features.flags.c_contiguous


def test_a_hop_of_160_would_give_101_frames():
    settings = FeatureSettings(hop_samples=160)
    assert len(log_mel(noise(), settings)) == settings.n_frames == 101


@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_tone_is_loudest_in_the_band_that_holds_it(hz):
    features = log_mel(tone(hz), STATIC)
    assert set(features[2:-2].argmax(axis=1)) == {slaney_band_of(hz)}


def test_sound_above_the_highest_band_is_not_heard():
    together = log_mel(tone(1000) + tone(6000), STATIC)
    np.testing.assert_allclose(together[2:-2], log_mel(tone(1000), STATIC)[2:-2], atol=1e-4)


@pytest.mark.parametrize(("window", "heard"), [(480, [36, 37, 38]), (1024, range(34, 41))])
def test_frames_are_one_window_centred_on_multiples_of_the_hop(window, heard):
    click = np.zeros(16_000, np.float32)
    click[37 * 161] = 1
    settings = FeatureSettings(derivative_orders=0, window_samples=window)
    loudness = log_mel(click, settings).sum(axis=1)
    assert loudness.argmax() == 37
    assert list(np.flatnonzero(loudness)) == list(heard)


@pytest.mark.parametrize(("frame", "offset"), [(0, 100), (99, -100)])
def test_before_and_after_the_clip_is_silence(frame, offset):
    features = []
    for at in (frame, 50):
        click = np.zeros(16_000, np.float32)
        click[at * 161 + offset] = 1
        features.append(log_mel(click, STATIC)[at])
    np.testing.assert_allclose(*features, atol=1e-6)


def test_before_derivatives_values_reach_from_0_to_log_2():
    features = log_mel(noise(), STATIC)
    assert features.min() >= 0
    assert features.max() == pytest.approx(np.log(2), abs=1e-6)


def test_values_are_the_log_of_one_plus_power():
    quiet_then_loud = np.concatenate([0.5 * tone(1000)[:8000], tone(1000)[8000:]])
    power = np.expm1(log_mel(quiet_then_loud, STATIC)[:, slaney_band_of(1000)])
    assert power[10:40].mean() / power[60:90].mean() == pytest.approx(0.25, rel=0.01)


def test_loudness_makes_no_difference_even_at_the_ends_of_float32():
    features = log_mel(noise(), FeatureSettings())
    for scale in (1e-30, 1e-3, 1e30):
        scaled = log_mel(noise() * np.float32(scale), FeatureSettings())
        np.testing.assert_allclose(scaled, features, atol=1e-6)


def test_silence_gives_zeros():
    features = log_mel(np.zeros(16_000, np.float32), FeatureSettings(derivative_orders=2))
    assert features.shape == (100, 120)
    assert not features.any()


def test_the_second_forty_channels_are_the_slopes_of_the_first():
    features = log_mel(noise(), FeatureSettings(derivative_orders=1))
    static, slope = features[:, :40], features[:, 40:]
    offsets = np.arange(-4, 5)
    expected = sum(k * static[4 + k : 96 + k] for k in offsets) / (offsets**2).sum()
    np.testing.assert_allclose(slope[4:-4], expected, atol=1e-6)


def test_higher_orders_leave_lower_ones_as_they_are():
    by_order = [log_mel(noise(), FeatureSettings(derivative_orders=n)) for n in (0, 1, 2)]
    np.testing.assert_array_equal(by_order[1][:, :40], by_order[0])
    np.testing.assert_array_equal(by_order[2][:, :80], by_order[1])
    assert not np.allclose(by_order[2][:, 80:], by_order[2][:, 40:80])


def test_features_are_the_same_each_time():
    np.testing.assert_array_equal(*(log_mel(noise(), FeatureSettings()) for _ in range(2)))


def test_rescaling_divides_each_channel_by_its_deviation_over_all_clips():
    a = np.array([[1.0, 10.0], [3.0, 10.0]], np.float32)
    b = np.array([[5.0, 30.0], [7.0, 30.0]], np.float32)
    rescaled = rescale([a, b])
    np.testing.assert_allclose(rescaled[0], a / [np.sqrt(5), 10], rtol=1e-6)
    np.testing.assert_allclose(rescaled[1], b / [np.sqrt(5), 10], rtol=1e-6)
    assert rescaled[0].dtype == np.float32


def test_rescaling_may_measure_other_clips_than_it_divides():
    a, b = np.float32([[1], [3]]), np.float32([[0], [8]])
    np.testing.assert_array_equal(rescale([a], [b]), [a / 4])


def test_a_channel_that_never_changes_is_left_as_it_is():
    clip = np.full((333, 2), 0.3, np.float32)
    clip[:, 1] = np.arange(333)
    np.testing.assert_array_equal(rescale([clip])[0][:, 0], clip[:, 0])


def test_settings_refuse_what_is_out_of_range():
    assert problem(derivative_orders=3) == ("features: derivative_orders = 3: expected 0, 1 or 2")
    assert problem(hop_samples=0).startswith("features: hop_samples = 0: expected 16 or more")
    assert problem(f_max=float("inf")).startswith("features: f_max = inf: expected a finite")


@pytest.mark.parametrize(("f_min", "f_max"), [(4000, 4000), (20, 8001)])
def test_settings_refuse_frequencies_that_cannot_be_heard(f_min, f_max):
    assert problem(f_min=f_min, f_max=f_max).endswith(
        f"f_min {f_min} and f_max {f_max} Hz must rise and stay within half the sample rate, "
        "8000 Hz"
    )


def test_settings_refuse_bands_narrower_than_a_fourier_bin():
    assert problem(n_mels=139).endswith(
        "n_mels 139 makes bands of 33.2 Hz, narrower than one Fourier bin of 33.3 Hz; "
        "use fewer bands or a longer window"
    )


def test_the_most_bands_that_settings_allow_are_all_filled():
    settings = FeatureSettings(n_mels=138, derivative_orders=0)
    assert log_mel(noise(), settings).max(axis=0).min() > 0


def test_bands_above_1_khz_are_measured_on_the_logarithmic_part_of_the_scale():
    assert FeatureSettings(f_min=1_500, n_mels=80).n_mels == 80
    assert problem(f_min=1_500, n_mels=90).endswith(
        "n_mels 90 makes bands of 32.7 Hz, narrower than one Fourier bin of 33.3 Hz; "
        "use fewer bands or a longer window"
    )


def test_the_longest_hop_at_the_lowest_rate_still_has_derivatives():
    settings = FeatureSettings(
        sample_rate=8_000, hop_samples=1_000, window_samples=240, derivative_orders=2
    )
    assert log_mel(noise()[:8_000], settings).shape == (9, 120)
