# SPDX-License-Identifier: Apache-2.0
"""The names that drivers give their counters, and what each tells. As the drivers of Linux 6.x write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.host.nic import (
    ALLOWANCE,
    COPY,
    FIFO,
    OTHER,
    PRESSURE,
    TX,
    WIRE,
    XDP,
    NicCounter,
    Sorted,
    counters,
    sort_name,
    sort_names,
)

DRIVERS: dict[str, dict[str, tuple[str, int | None]]] = {
    "ixgbe": {
        "rx_packets": (COPY, None),
        "rx_missed_errors": (COPY, None),
        "rx_no_buffer_count": (FIFO, None),
        "rx_no_dma_resources": (FIFO, None),
        "rx_long_length_errors": (WIRE, None),
        "alloc_rx_page_failed": (PRESSURE, None),
        "alloc_rx_buff_failed": (PRESSURE, None),
        "rx_csum_offload_errors": (OTHER, None),
        "fdir_miss": (OTHER, None),
        "fdir_overflow": (OTHER, None),
        "rx_flow_control_xoff": (OTHER, None),
        "tx_timeout_count": (OTHER, None),
        "rx_hwtstamp_cleared": (OTHER, None),
        "tx_queue_0_packets": (OTHER, 0),
        "rx_queue_11_bytes": (OTHER, 11),
    },
    "i40e": {
        "rx_dropped": (COPY, None),
        "rx_alloc_fail": (PRESSURE, None),
        "rx_pg_alloc_fail": (PRESSURE, None),
        "rx_unknown_protocol": (OTHER, None),
        "rx-3.packets": (OTHER, 3),
        "tx-3.bytes": (OTHER, 3),
        "veb.rx_discards": (OTHER, None),
        "port.rx_dropped": (FIFO, None),
        "port.rx_crc_errors": (WIRE, None),
        "port.illegal_bytes": (WIRE, None),
        "port.mac_local_faults": (WIRE, None),
        "port.rx_undersize": (WIRE, None),
        "port.rx_fragments": (WIRE, None),
        "port.rx_jabber": (WIRE, None),
        "port.link_xoff_rx": (OTHER, None),
        "port.tx_dropped_link_down": (OTHER, None),
        "port.rx_csum_bad": (OTHER, None),
    },
    "ice": {
        "rx_queue_5_packets": (OTHER, 5),
        "rx_dropped.nic": (FIFO, None),
        "rx_crc_errors.nic": (WIRE, None),
        "rx_oversize.nic": (WIRE, None),
        "illegal_bytes.nic": (WIRE, None),
        "rx_csum_bad.nic": (OTHER, None),
        "tx_errors.nic": (TX, None),
        "link_xon_rx.nic": (OTHER, None),
    },
    "mlx5": {
        "rx_out_of_buffer": (FIFO, None),
        "rx_discards_phy": (FIFO, None),
        "rx_steer_missed_packets": (FIFO, None),
        "rx_prio0_discards": (FIFO, None),
        "dev_internal_queue_oob": (FIFO, None),
        "rx_crc_errors_phy": (WIRE, None),
        "rx_symbol_err_phy": (WIRE, None),
        "rx_pcs_symbol_err_phy": (WIRE, None),
        "rx_in_range_len_errors_phy": (WIRE, None),
        "rx_out_of_range_len_phy": (WIRE, None),
        "rx_oversize_pkts_sw_drop": (WIRE, None),
        "rx_corrected_bits_phy": (OTHER, None),
        "rx_65_to_127_bytes_phy": (OTHER, None),
        "link_down_events_phy": (OTHER, None),
        "rx_xdp_drop": (XDP, None),
        "rx7_xdp_drop": (XDP, 7),
        "rx7_xdp_redirect": (OTHER, 7),
        "rx0_buff_alloc_err": (PRESSURE, 0),
        "rx0_wqe_err": (FIFO, 0),
        "rx0_packets": (OTHER, 0),
        "tx_discards_phy": (TX, None),
        "tx3_dropped": (TX, 3),
        "rx_pause_ctrl_phy": (OTHER, None),
    },
    "ena": {
        "bw_in_allowance_exceeded": (ALLOWANCE, None),
        "pps_allowance_exceeded": (ALLOWANCE, None),
        "conntrack_allowance_exceeded": (ALLOWANCE, None),
        "rx_drops": (FIFO, None),
        "queue_0_rx_cnt": (OTHER, 0),
        "queue_0_rx_bad_csum": (OTHER, 0),
        "queue_0_rx_bad_desc_num": (FIFO, 0),
        "queue_1_rx_empty_rx_ring": (PRESSURE, 1),
        "queue_1_rx_page_alloc_fail": (PRESSURE, 1),
        "queue_1_rx_xdp_drop": (XDP, 1),
        "queue_1_tx_cnt": (OTHER, 1),
        "queue_1_tx_dma_mapping_err": (TX, 1),
        "wd_expired": (OTHER, None),
    },
    "virtio_net": {
        "rx_queue_0_packets": (OTHER, 0),
        "rx_queue_0_drops": (FIFO, 0),
        "rx_queue_0_xdp_drops": (XDP, 0),
        "rx_queue_0_xdp_redirects": (OTHER, 0),
        "tx_queue_0_tx_timeouts": (OTHER, 0),
        "rx_drops": (FIFO, None),
        "rx0_drops": (FIFO, 0),
        "rx0_hw_drop_overruns": (FIFO, 0),
        "tx0_xdp_tx_drops": (XDP, 0),
        "rx0_kicks": (OTHER, 0),
    },
    "bnxt": {
        "[3]: rx_discards": (FIFO, 3),
        "[0]: rx_buf_errors": (FIFO, 0),
        "[0]: missed_irqs": (OTHER, 0),
        "[0]: rx_l4_csum_errors": (OTHER, 0),
        "[2]: tx_ucast_packets": (OTHER, 2),
        "rx_total_discard_pkts": (FIFO, None),
        "rx_total_oom_discards": (FIFO, None),
        "rx_fcs_err_frames": (WIRE, None),
        "rx_align_err_frames": (WIRE, None),
        "rx_ovrsz_frames": (WIRE, None),
        "rx_jbr_frames": (WIRE, None),
        "rx_runt_frames": (WIRE, None),
        "rx_stat_discard": (FIFO, None),
        "rx_discard_bytes_cos0": (OTHER, None),
        "rx_pfc_frames": (OTHER, None),
        "tx_total_discard_pkts": (TX, None),
    },
    "igb": {
        "rx_no_buffer_count": (FIFO, None),
        "rx_align_errors": (WIRE, None),
        "rx_queue_1_drops": (FIFO, 1),
        "rx_queue_1_csum_err": (OTHER, 1),
        "rx_queue_1_alloc_failed": (PRESSURE, 1),
        "dropped_smbus": (OTHER, None),
        "tx_single_coll_ok": (OTHER, None),
        "tx_carrier_errors": (COPY, None),
    },
    "e1000e": {
        "rx_no_buffer_count": (FIFO, None),
        "rx_frame_errors": (COPY, None),
        "alloc_rx_buff_failed": (PRESSURE, None),
        "rx_dma_failed": (PRESSURE, None),
        "tx_dma_failed": (TX, None),
        "uncorr_ecc_errors": (WIRE, None),
    },
    "tg3": {
        "rx_octets": (OTHER, None),
        "rx_fcs_errors": (WIRE, None),
        "rx_undersize_packets": (WIRE, None),
        "rx_in_length_errors": (WIRE, None),
        "rx_64_or_less_octet_packets": (OTHER, None),
        "rx_65_to_127_octet_packets": (OTHER, None),
        "rx_discards": (FIFO, None),
        "rxbds_empty": (PRESSURE, None),
        "mbuf_lwm_thresh_hit": (PRESSURE, None),
        "dma_writeq_full": (PRESSURE, None),
        "nic_avoided_irqs": (OTHER, None),
        "tx_collide_3times": (OTHER, None),
    },
    "gve": {
        "rx_dropped_pkt[0]": (FIFO, 0),
        "rx_queue_drop_cnt[1]": (FIFO, 1),
        "rx_no_buffers_posted[2]": (FIFO, 2),
        "rx_drops_packet_over_mru[0]": (WIRE, 0),
        "rx_drops_invalid_checksum[0]": (WIRE, 0),
        "rx_skb_alloc_fail": (PRESSURE, None),
        "rx_posted_desc[0]": (OTHER, 0),
        "rx_bytes[0]": (OTHER, 0),
        "tx_bytes[3]": (OTHER, 3),
    },
    "veth": {
        "peer_ifindex": (OTHER, None),
        "rx_queue_0_xdp_packets": (OTHER, 0),
        "rx_queue_0_drops": (FIFO, 0),
        "rx_queue_0_xdp_drops": (XDP, 0),
        "tx_queue_0_xdp_xmit": (OTHER, 0),
    },
}


@pytest.mark.parametrize(
    ("name", "group", "queue"),
    [
        pytest.param(name, group, queue, id=f"{driver}:{name}")
        for driver, names in DRIVERS.items()
        for name, (group, queue) in names.items()
    ],
)
def test_a_drivers_name_is_sorted_by_what_it_tells(name: str, group: str, queue: int | None) -> None:
    assert sort_name(name) == Sorted(name, group, queue)


def test_names_that_vmxnet3_repeats_for_each_queue_are_told_apart_by_the_number_before_them() -> None:
    names = ["Tx Queue#", "  ucast pkts tx", "  pkts tx err", "  pkts tx discard", "Rx Queue#", "  pkts rx OOB"]
    names += ["  pkts rx err", "  drv dropped rx total", "     fcs", "  rx buf alloc fail", "  xdp drops"]
    names += ["Rx Queue#", "  pkts rx OOB", "tx timeout count"]
    values = [0, 9, 1, 2, 0, 3, 4, 5, 6, 7, 8, 1, 30, 0]
    order = sort_names(names, values)
    assert counters(order, values) == (
        NicCounter("pkts tx err", TX, 0, 1),
        NicCounter("pkts tx discard", TX, 0, 2),
        NicCounter("pkts rx OOB", FIFO, 0, 3),
        NicCounter("pkts rx err", WIRE, 0, 4),
        NicCounter("drv dropped rx total", FIFO, 0, 5),
        NicCounter("fcs", WIRE, 0, 6),
        NicCounter("rx buf alloc fail", PRESSURE, 0, 7),
        NicCounter("xdp drops", XDP, 0, 8),
        NicCounter("pkts rx OOB", FIFO, 1, 30),
    )


def test_a_driver_that_tells_fewer_values_than_names_is_believed_as_far_as_it_goes() -> None:
    order = sort_names(["rx_discards", "rx_fcs_errors"], [5])
    assert counters(order, [5]) == (NicCounter("rx_discards", FIFO, None, 5),)


@given(st.text(max_size=40))
def test_any_name_is_sorted_somewhere(name: str) -> None:
    assert sort_name(name).group in {WIRE, FIFO, XDP, TX, PRESSURE, ALLOWANCE, COPY, OTHER}
