"""Every format in, hostile ones out."""

import random
from itertools import islice

import av
import numpy as np
import pytest

from engine.errors import ERRORS, EmptyFile, EngineError, NoAudioTrack, UnreadableMedia
from engine.media.decoder import MediaReader
from tests.engine.sounds import add_pictures, encode, make_tone, write_wav

FORMATS = {
    "mp3": ({"container": "mp3", "codec": "libmp3lame"}, "audio/mpeg"),
    "mp3 with a cover": ({"container": "mp3", "codec": "libmp3lame", "pictures": "cover"}, "audio/mpeg"),
    "m4a": ({"container": "ipod", "codec": "aac", "layout": "stereo"}, "audio/mp4"),
    "video mp4": ({"container": "mp4", "codec": "aac", "pictures": "video"}, "video/mp4"),
    "fragmented mp4": ({"container": "mp4", "codec": "aac", "options": {"movflags": "empty_moov"}}, "audio/mp4"),
    "ogg opus": ({"container": "ogg", "codec": "libopus"}, "audio/ogg"),
    "webm": ({"container": "webm", "codec": "libopus", "layout": "stereo"}, "audio/webm"),
    "webm of a browser": ({"container": "webm", "codec": "libopus", "options": {"live": "1"}}, "audio/webm"),
    "flac, six channels": ({"container": "flac", "codec": "flac", "layout": "5.1"}, "audio/flac"),
    "aiff": ({"container": "aiff", "codec": "pcm_s16be"}, "audio/aiff"),
    "wma": ({"container": "asf", "codec": "wmav2", "layout": "stereo"}, "audio/x-ms-wma"),
    "amr": ({"container": "amr", "codec": "libopencore_amrnb", "rate": 8000}, "audio/amr"),
    "aac": ({"container": "adts", "codec": "aac"}, "audio/aac"),
    "matroska with video": ({"container": "matroska", "codec": "aac", "pictures": "video"}, "video/x-matroska"),
    "avi": ({"container": "avi", "codec": "libmp3lame", "pictures": "video"}, "video/x-msvideo"),
    "wav, 8 kHz": ({"container": "wav", "codec": "pcm_s16le", "rate": 8000}, "audio/wav"),
    "wav, 96 kHz": ({"container": "wav", "codec": "pcm_s24le", "rate": 96_000, "layout": "stereo"}, "audio/wav"),
}


def make_file(tmp_path, name, seconds=6):
    settings = {"rate": 48_000, **FORMATS[name][0]}
    return encode(tmp_path / "media", make_tone(seconds, settings["rate"]), **settings)


def decode(path):
    with MediaReader(path) as media:
        blocks = list(media.read_blocks())
        return np.concatenate(blocks), media, media.measure_loss()


def cut(path, share=0.6):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_tone_of_six_seconds_comes_out_whole(tmp_path, name):
    samples, media, lost = decode(make_file(tmp_path, name))
    assert (len(samples) / 16_000, lost, media.damaged) == (pytest.approx(6, abs=0.06), 0.0, False)


@pytest.mark.parametrize("name", FORMATS)
def test_the_pitch_of_the_tone_survives(tmp_path, name):
    samples, _, _ = decode(make_file(tmp_path, name))
    second = samples[32_000:48_000].astype(float)
    assert np.argmax(np.abs(np.fft.rfft(second))) == 440


@pytest.mark.parametrize("name", FORMATS)
def test_the_media_type_is_the_one_of_the_content(tmp_path, name):
    with MediaReader(make_file(tmp_path, name)) as media:
        assert media.info.media_type == FORMATS[name][1]


def test_webm_of_a_browser_has_no_promised_length(tmp_path):  # pains R9
    with MediaReader(make_file(tmp_path, "webm of a browser")) as media:
        assert media.info.seconds is None


@pytest.mark.parametrize("name", ["mp3", "webm", "flac, six channels", "aiff", "wav, 8 kHz"])
def test_a_truncated_file_gives_what_is_there_and_states_the_loss(tmp_path, name):  # pains T2
    samples, _, lost = decode(cut(make_file(tmp_path, name)))
    assert len(samples) / 16_000 + lost == pytest.approx(6, abs=0.1)
    assert lost == pytest.approx(2.4, abs=0.3)


@pytest.mark.parametrize("name", ["amr", "aac"])
def test_a_truncated_file_without_a_promise_has_an_unknown_loss(tmp_path, name):
    samples, media, lost = decode(cut(make_file(tmp_path, name)))
    assert (media.damaged, lost) == (True, None)
    assert len(samples) / 16_000 == pytest.approx(3.6, abs=0.2)


def test_an_mp4_cut_before_its_index_is_unreadable(tmp_path):
    with pytest.raises(UnreadableMedia):
        MediaReader(cut(make_file(tmp_path, "m4a")))


def test_damage_in_the_middle_leaves_the_rest(tmp_path):
    path = make_file(tmp_path, "mp3", seconds=10)
    data = bytearray(path.read_bytes())
    data[20_000:40_000] = bytes(20_000)
    path.write_bytes(data)
    samples, media, lost = decode(path)
    assert (media.damaged, len(samples) / 16_000 + lost) == (True, pytest.approx(10, abs=0.1))


def test_an_empty_file_is_empty(tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(EmptyFile):
        MediaReader(tmp_path / "a.wav")


def test_a_header_without_samples_is_empty(tmp_path):
    with pytest.raises(EmptyFile):
        decode(write_wav(tmp_path / "a.wav", make_tone(0)))


def test_packets_of_which_none_can_be_decoded_are_unreadable(tmp_path):
    path = make_file(tmp_path, "flac, six channels")
    data = path.read_bytes()
    path.write_bytes(data[:8500] + b"\xff" * 40_000)
    with pytest.raises(UnreadableMedia):
        decode(path)


def test_text_renamed_to_wav_is_unreadable(tmp_path):
    (tmp_path / "a.wav").write_text("Dear diary,\n" * 5000)
    with pytest.raises(UnreadableMedia):
        MediaReader(tmp_path / "a.wav")


def test_a_film_without_sound_has_no_audio_track(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w", format="mp4") as output:
        add_pictures(output, "video")
    with pytest.raises(NoAudioTrack):
        MediaReader(tmp_path / "a.mp4")


NEIGHBOUR = "neighbour.wav"
HOSTILE = {
    "ffconcat": f"ffconcat version 1.0\nfile {NEIGHBOUR}\n",
    "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{NEIGHBOUR}\n#EXT-X-ENDLIST\n",
    "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    f'<Representation id="0"><BaseURL>{NEIGHBOUR}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "image": "P5\n1 1\n255\n\0",
    "ffmetadata": ";FFMETADATA1\ntitle=x\n",
    "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"/>',
    "subtitles": "1\n00:00:00,000 --> 00:00:01,000\nhello\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("ending", ["wav", "txt", "m3u8", "mp4"])
def test_a_file_that_names_others_opens_nothing(tmp_path, name, ending):  # pains O4
    write_wav(tmp_path / NEIGHBOUR, make_tone(1))
    (tmp_path / f"a.{ending}").write_text(HOSTILE[name])
    with pytest.raises(UnreadableMedia):
        MediaReader(tmp_path / f"a.{ending}")


@pytest.mark.parametrize("name", ["mp3", "m4a", "ogg opus", "webm", "flac, six channels", "aiff", "wma", "avi"])
def test_damaged_files_raise_engine_errors_and_nothing_else(tmp_path, name):  # pains O4
    whole = make_file(tmp_path, name, seconds=2).read_bytes()
    outcomes = {try_to_decode(tmp_path / "damaged", damage(whole, seed)) for seed in range(25)}
    assert outcomes <= {"decoded", *ERRORS}


def damage(whole, seed):
    """Change some bytes, and cut some files off.

    Most of the bytes are in the headers.
    """
    choose = random.Random(seed)  # noqa: S311 - the same damage each time
    data = bytearray(whole)
    for _ in range(choose.choice([1, 5, 50])):
        data[choose.randrange(choose.choice([600, len(data)]))] = choose.randrange(256)
    return data[: choose.randrange(len(data))] if choose.random() < 0.3 else data


def try_to_decode(path, data):
    path.write_bytes(data)
    try:
        with MediaReader(path) as media:
            list(islice(media.read_blocks(), 5000))
    except EngineError as error:
        return error.code
    return "decoded"


class BrokenResampler:
    def flush(self):
        raise av.error.InvalidDataError(1, "broken")

    def convert(self, frame):
        return []


def test_a_resampler_that_breaks_at_the_end_is_damage(tmp_path):
    with MediaReader(make_file(tmp_path, "aiff")) as media:
        media._resampler = BrokenResampler()
        with pytest.raises(UnreadableMedia):
            list(media.read_blocks())


class BreakingContainer:
    """Yields five packets of a real container, then fails."""

    def __init__(self, container):
        self.container = container
        self.close = container.close

    def demux(self, stream):
        yield from islice(self.container.demux(stream), 5)
        raise av.error.InvalidDataError(1, "broken")


def test_a_demuxer_that_fails_on_the_way_is_damage(tmp_path):
    with MediaReader(make_file(tmp_path, "aiff")) as media:
        media._container = BreakingContainer(media._container)
        blocks = list(media.read_blocks())
    assert (len(blocks), media.damaged) == (6, True)


def test_a_stream_without_a_decoder_is_unreadable(tmp_path):
    path = make_file(tmp_path, "avi")
    data = path.read_bytes()
    place = data.index(b"strf", data.index(b"auds")) + 8
    path.write_bytes(data[:place] + b"\xee\xee" + data[place + 2 :])
    with pytest.raises(UnreadableMedia, match="no decoder"):
        MediaReader(path)


def test_sound_whose_format_changes_on_the_way_is_one_stream(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    encode(first, make_tone(2, 48_000), container="mp3", codec="libmp3lame", rate=48_000, options={"write_xing": "0"})
    encode(second, make_tone(2, 22_050), container="mp3", codec="libmp3lame", rate=22_050, options={"write_xing": "0"})
    first.write_bytes(first.read_bytes() + second.read_bytes())
    assert len(decode(first)[0]) / 16_000 == pytest.approx(4, abs=0.15)
