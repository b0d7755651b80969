<?php $wp_version = '1';
