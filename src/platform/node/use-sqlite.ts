// Imported for its effect, by every program that works on a search's folder: what searches know lies in SQLite.

import './use-node.js';
import { chooseTrialStores } from '../../core/search/trial-store.js';
import { SqliteTrialStore } from './sqlite-trial-store.js';

chooseTrialStores(SqliteTrialStore);
